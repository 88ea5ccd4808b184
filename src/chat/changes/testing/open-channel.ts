/** A channel of the memory model with messages in it, and change logs over it as any number of replicas have them. */
import { randomUUID } from 'node:crypto';
import { systemClock } from '../../clock.ts';
import { uuidv7 } from '../../ids.ts';
import type { AppendLimits } from '../../log/append-limits.ts';
import { type ChangeEntry, changeSendKey, type MessageEntry } from '../../log/entries.ts';
import type { Appended, Log, SearchBack } from '../../log/log.ts';
import type { ChannelKey, LogRow } from '../../log/port.ts';
import { silentLogger } from '../../logger.ts';
import { type ChangeLogOptions, createChangeLog } from '../change-log.ts';
import { type MemoryLogs, memoryLogs } from './memory-projections.ts';

export interface TestChannel extends MemoryLogs {
  readonly channel: ChannelKey;
  /** What has been told, by all replicas. */
  readonly told: LogRow<ChangeEntry>[];
  /** One more replica. */
  replica(given?: Partial<ChangeLogOptions>): Log<ChangeEntry>;
  /** The message as the store shows it. */
  message(seq: number): Promise<MessageEntry>;
  change(rev: number): Promise<ChangeEntry>;
}

/** @param messages how many there are; number n says `message n`. */
export async function openChannel(messages: number, bucketSize = 1_000): Promise<TestChannel> {
  const logs = memoryLogs(bucketSize);
  const channel = { organizationId: randomUUID(), channelId: randomUUID() };
  for (let seq = 1; seq <= messages; seq++) {
    const isFirst = (seq - 1) % bucketSize === 0;
    const entry = { authorId: 'author', clientMessageId: randomUUID() };
    await logs.messages.append({
      channel,
      bucket: Math.floor((seq - 1) / bucketSize),
      expectedLast: isFirst ? null : seq - 1,
      rows: [
        {
          seq,
          at: seq,
          sendKey: `author/${seq}`,
          entry: { ...entry, text: `message ${seq}`, metadata: { seq }, mentions: [] },
        },
      ],
    });
  }
  const told: LogRow<ChangeEntry>[] = [];
  return {
    ...logs,
    channel,
    told,
    replica: (given = {}) =>
      createChangeLog({
        ...logs,
        clock: systemClock,
        logger: silentLogger,
        onAppended: (_, rows) => void told.push(...rows),
        ...given,
      }),
    async message(seq) {
      const [row] = await logs.messages.rows([{ channel, seq }]);
      if (row == null) throw new Error(`no message ${seq}`);
      return row.entry;
    },
    async change(rev) {
      const [row] = await logs.changes.rows([{ channel, seq: rev }]);
      if (row == null) throw new Error(`no change ${rev}`);
      return row.entry;
    },
  };
}

/** Appends as the use cases do. */
export const ask = (
  log: Log<ChangeEntry>,
  channel: ChannelKey,
  entry: ChangeEntry,
  given: { readonly clientChangeId?: string; readonly searchBack?: SearchBack } = {},
): Promise<Appended<ChangeEntry>> =>
  log.append(channel, {
    sendKey: changeSendKey(entry.actorId, given.clientChangeId ?? uuidv7(Date.now())),
    entry,
    bytes: 500,
    searchBack: given.searchBack ?? 'ONE_BUCKET',
  });

export const quick: Partial<AppendLimits> = { sendMs: 400 };
