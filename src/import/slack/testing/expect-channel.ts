/** Reads an imported channel back, page by page, and compares it with what the synthetic export says. */
import { expect } from 'vitest';
import type { MessageEntry } from '../../../chat/log/entries.ts';
import type { Log } from '../../../chat/log/log.ts';
import type { ChannelKey, LogRow } from '../../../chat/log/port.ts';
import { messagesOf, type SyntheticSpec } from './synthetic.ts';

const PAGE = 200;

async function* pages(
  log: Log<MessageEntry>,
  channel: ChannelKey,
  head: number,
): AsyncGenerator<LogRow<MessageEntry>> {
  for (let from = 1; from <= head; from += PAGE) {
    yield* await log.range(channel, from, Math.min(head, from + PAGE - 1));
  }
}

/** @param handleOf handle of a user id here. Returns how many messages were compared. */
export async function expectChannel(
  log: Log<MessageEntry>,
  channel: ChannelKey,
  spec: SyntheticSpec,
  channelIndex: number,
  handleOf: (userId: string) => string | undefined,
): Promise<number> {
  const [head = 0] = await log.heads([channel]);
  const rows = pages(log, channel, head);
  let seq = 0;
  let compared = 0;
  const next = async (): Promise<LogRow<MessageEntry>> => {
    const { value } = await rows.next();
    seq += 1;
    if (value === undefined) throw new Error(`message ${seq} is missing`);
    return value;
  };
  for (const { slack, expected } of messagesOf(spec, channelIndex)) {
    const parts = [await next()];
    const count = partsOf(parts[0]);
    while (parts.length < count) parts.push(await next());
    const mentions = parts.flatMap(({ entry }, i) => {
      const offset = parts.slice(0, i).reduce((sum, p) => sum + p.entry.text.length, 0);
      return entry.mentions.map(({ userId, ...place }) => ({
        ...place,
        ...(userId === undefined ? {} : { handle: handleOf(userId) }),
        start: place.start + offset,
      }));
    });
    expect({
      seq: parts.at(-1)?.seq,
      text: parts.map((p) => p.entry.text).join(''),
      mentions,
      authorHandle: handleOf(parts[0]?.entry.authorId ?? ''),
      at: parts[0]?.at,
      ts: slackOf(parts[0]).ts,
    }).toEqual({ seq, ...expected, mentions: [...expected.mentions], ts: slack.ts });
    compared += 1;
  }
  expect(seq, 'nothing beyond the export').toBe(head);
  return compared;
}

const slackOf = (
  row: LogRow<MessageEntry> | undefined,
): { readonly ts?: unknown; readonly parts?: unknown } =>
  (row?.entry.metadata?.slack ?? {}) as { ts?: unknown; parts?: unknown };

const partsOf = (row: LogRow<MessageEntry> | undefined): number => {
  const { parts } = slackOf(row);
  return typeof parts === 'number' ? parts : 1;
};
