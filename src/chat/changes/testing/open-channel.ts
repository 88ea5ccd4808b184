/** A channel with messages in it on some store, and change logs over it as any number of replicas have them. */
import { randomUUID } from 'node:crypto';
import { systemClock } from '../../clock.ts';
import { uuidv7 } from '../../ids.ts';
import type { AppendLimits } from '../../log/append-limits.ts';
import { type ChangeEntry, changeSendKey, type MessageEntry } from '../../log/entries.ts';
import type { Appended, Log, SearchBack } from '../../log/log.ts';
import type { ChannelKey, LogRow, LogStore } from '../../log/port.ts';
import { silentLogger } from '../../logger.ts';
import { type ChangeLogOptions, createChangeLog } from '../change-log.ts';
import type { ProjectionStore } from '../port.ts';

/** Both logs and the projections of one store. */
export interface ProjectedLogs {
  readonly messages: LogStore<MessageEntry>;
  readonly changes: LogStore<ChangeEntry>;
  readonly projections: ProjectionStore;
}

export interface TestChannel<Logs extends ProjectedLogs = ProjectedLogs> {
  readonly logs: Logs;
  readonly channel: ChannelKey;
  readonly projections: ProjectionStore;
  /** What has been told, by all replicas. */
  readonly told: LogRow<ChangeEntry>[];
  /** One more replica. */
  replica(given?: Partial<ChangeLogOptions>): ReturnType<typeof createChangeLog>;
  /** The message as the store shows it. */
  message(seq: number): Promise<MessageEntry>;
  change(rev: number): Promise<ChangeEntry>;
}

/** @param messages how many there are; number n says `message n`. At most a bucket. */
export async function openChannel<Logs extends ProjectedLogs>(
  logs: Logs,
  messages: number,
): Promise<TestChannel<Logs>> {
  const channel = { organizationId: randomUUID(), channelId: randomUUID() };
  const rows = Array.from({ length: messages }, (_, i): LogRow<MessageEntry> => {
    const seq = i + 1;
    const entry = { authorId: 'author', clientMessageId: randomUUID() };
    const content = { text: `message ${seq}`, metadata: { seq }, mentions: [] };
    return { seq, at: seq, sendKey: `author/${seq}`, entry: { ...entry, ...content } };
  });
  await logs.messages.append({ channel, bucket: 0, expectedLast: null, rows });
  const told: LogRow<ChangeEntry>[] = [];
  return {
    logs,
    channel,
    projections: logs.projections,
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
