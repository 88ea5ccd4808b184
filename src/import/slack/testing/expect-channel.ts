/** Reads an imported channel and its threads back, and compares them with what the synthetic export says. */
import { expect } from 'vitest';
import { threadIdOf } from '../../../chat/channels/thread-id.ts';
import type { MessageEntry } from '../../../chat/log/entries.ts';
import type { Log } from '../../../chat/log/log.ts';
import type { ChannelKey, LogRow } from '../../../chat/log/port.ts';
import { contentNow } from '../../../chat/messages/content.ts';
import { messagesOf, type SyntheticMessage, type SyntheticSpec } from './synthetic.ts';

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
  const replies = new Map<string, SyntheticMessage[]>();
  const outside: SyntheticMessage[] = [];
  for (const message of messagesOf(spec, channelIndex)) {
    const { root } = message.expected;
    const thread = root === null ? outside : (replies.get(root) ?? []);
    thread.push(message);
    if (root !== null) replies.set(root, thread);
  }
  const { compared, roots } = await expectLog(log, channel, outside, handleOf);
  let all = compared;
  for (const [ts, messages] of replies) {
    const root = roots.get(ts);
    const threadId = threadIdOf(channel.organizationId, {
      channelId: channel.channelId,
      seq: root?.seq ?? 0,
    });
    expect(root?.entry.projection?.threadId, `the thread of ${ts}`).toBe(threadId);
    const thread = { organizationId: channel.organizationId, channelId: threadId };
    all += (await expectLog(log, thread, messages, handleOf)).compared;
  }
  return all;
}

/** One log, to its end. `roots`: its messages by `ts`. */
async function expectLog(
  log: Log<MessageEntry>,
  channel: ChannelKey,
  messages: readonly SyntheticMessage[],
  handleOf: (userId: string) => string | undefined,
): Promise<{ readonly compared: number; readonly roots: ReadonlyMap<string, LogRow<MessageEntry>> }> {
  const [head = 0] = await log.heads([channel]);
  const rows = pages(log, channel, head);
  const roots = new Map<string, LogRow<MessageEntry>>();
  let seq = 0;
  const next = async (): Promise<LogRow<MessageEntry>> => {
    const { value } = await rows.next();
    seq += 1;
    if (value === undefined) throw new Error(`message ${seq} is missing`);
    return value;
  };
  for (const { slack, expected } of messages) {
    const first = await next();
    const parts = [first];
    const count = partsOf(first);
    while (parts.length < count) parts.push(await next());
    const mentions = parts.flatMap(({ entry }, i) => {
      const offset = parts.slice(0, i).reduce((sum, p) => sum + p.entry.text.length, 0);
      return contentNow(entry).mentions.map(({ userId, ...place }) => ({
        ...place,
        ...(userId === undefined ? {} : { handle: handleOf(userId) }),
        start: place.start + offset,
      }));
    });
    const { reactions, isEdited, isPinned, root: _, ...said } = expected;
    expect({
      seq: parts.at(-1)?.seq,
      text: parts.map((p) => contentNow(p.entry).text).join(''),
      mentions,
      authorHandle: handleOf(first.entry.authorId),
      at: first.at,
      ts: slackOf(first).ts,
    }).toEqual({ seq, ...said, mentions: [...said.mentions], ts: slack.ts });
    const { projection } = first.entry;
    expect({
      reactions: Object.fromEntries(
        Object.entries(projection?.reactions ?? {}).map(([emoji, { count, first: by }]) => [
          emoji,
          { count, by: by.map(handleOf) },
        ]),
      ),
      isEdited: projection?.edited !== undefined,
      isPinned: projection?.pinnedAt !== undefined,
    }).toEqual({
      reactions: Object.fromEntries(
        Object.entries(reactions).map(([emoji, by]) => [emoji, { count: by.length, by: by.slice(0, 5) }]),
      ),
      isEdited,
      isPinned,
    });
    roots.set(slack.ts, first);
  }
  expect(seq, 'nothing beyond the export').toBe(head);
  return { compared: messages.length, roots };
}

const slackOf = (
  row: LogRow<MessageEntry> | undefined,
): { readonly ts?: unknown; readonly parts?: unknown } =>
  (row?.entry.metadata?.slack ?? {}) as { ts?: unknown; parts?: unknown };

const partsOf = (row: LogRow<MessageEntry> | undefined): number => {
  const { parts } = slackOf(row);
  return typeof parts === 'number' ? parts : 1;
};
