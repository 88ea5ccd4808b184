/**
 * After a cell's logs were restored from a backup: brings what lies beside them back to what they hold. Restored logs
 * may be older than the database, and their tables were perhaps not copied at one moment. Safe to repeat, and while
 * replicas run.
 */
import { changesOfMessagesThere } from '../changes/of-messages-there.ts';
import type { ProjectionStore } from '../changes/port.ts';
import type { ChangeEntry, MessageEntry } from '../log/entries.ts';
import type { Log } from '../log/log.ts';
import type { ChannelKey, LogRow } from '../log/port.ts';
import type { CellChannel, CellStore } from './port.ts';

/** Channels read in one step. */
const PAGE = 500;
/** Changes at the end of each log that are projected again: tables that were copied one after another differ there. */
const PROJECTED_AGAIN = 64;
/** Channels mended at the same time. */
const AT_ONCE = 16;

export interface MendPorts {
  readonly cells: Pick<CellStore, 'channels' | 'clampCheckpoints' | 'forgetThreads'>;
  readonly messages: Pick<Log<MessageEntry>, 'heads' | 'rows'>;
  readonly changes: Pick<Log<ChangeEntry>, 'heads' | 'range' | 'append'>;
  readonly projections: Pick<ProjectionStore, 'project' | 'noteProjected'>;
}

export interface Mended {
  readonly channels: number;
  /** Read marks that lay beyond the restored head. */
  readonly checkpoints: number;
  /** Threads whose root had lost them, and has them again. */
  readonly threads: number;
  /** Threads of messages that the backup does not have. */
  readonly threadsForgotten: number;
}

interface Thread extends CellChannel {
  readonly root: NonNullable<CellChannel['root']>;
}

const isThread = (channel: CellChannel): channel is Thread => channel.root !== null;
const rootChannel = ({ organizationId, root }: Thread): ChannelKey => ({
  organizationId,
  channelId: root.channelId,
});

/** @param onProgress channels done so far. */
export async function mendAfterRestore(
  ports: MendPorts,
  cell: string,
  onProgress: (channels: number) => void = () => undefined,
): Promise<Mended> {
  let done: Mended = { channels: 0, checkpoints: 0, threads: 0, threadsForgotten: 0 };
  for (let after: CellChannel | null = null; ; ) {
    const page: readonly CellChannel[] = await ports.cells.channels(cell, after, PAGE);
    const heads = await ports.messages.heads(page);
    await projectAgain(ports, page);
    const checkpoints = await ports.cells.clampCheckpoints(
      page.map((channel, i) => ({ ...channel, head: heads[i] ?? 0 })),
    );
    const { told, forgotten } = await mendThreads(ports, page.filter(isThread));
    done = {
      channels: done.channels + page.length,
      checkpoints: done.checkpoints + checkpoints,
      threads: done.threads + told,
      threadsForgotten: done.threadsForgotten + forgotten,
    };
    onProgress(done.channels);
    after = page.at(-1) ?? null;
    if (page.length < PAGE || after === null) return done;
  }
}

/** A message's row may be older than the change log: what its last changes made of it is written again. */
async function projectAgain(ports: MendPorts, channels: readonly ChannelKey[]): Promise<void> {
  const revs = await ports.changes.heads(channels);
  const changed = channels.flatMap((channel, i) => {
    const rev = revs[i] ?? 0;
    return rev === 0 ? [] : [{ channel, rev }];
  });
  await eachOf(changed, async ({ channel, rev }) => {
    const rows = await ports.changes.range(channel, Math.max(1, rev - PROJECTED_AGAIN + 1), rev);
    await ports.projections.project(channel, await changesOfMessagesThere(ports.messages, channel, rows));
    // What was noted may lie beyond the restored head: changes that get those numbers now are not projected yet.
    await ports.projections.noteProjected(channel, rev);
  });
}

async function mendThreads(
  ports: MendPorts,
  threads: readonly Thread[],
): Promise<{ readonly told: number; readonly forgotten: number }> {
  if (threads.length === 0) return { told: 0, forgotten: 0 };
  // The parents may be of a later page: their newest changes must show in the rows that are read next.
  const parents = new Map(threads.map((thread) => [thread.root.channelId, rootChannel(thread)]));
  await projectAgain(ports, [...parents.values()]);
  const rows = await ports.messages.rows(
    threads.map((thread) => ({ channel: rootChannel(thread), seq: thread.root.seq })),
  );
  // The number may be given again: the message that gets it must not inherit these replies.
  const rootless = threads.filter((_, i) => (rows[i] ?? null) === null);
  if (rootless.length > 0) await ports.cells.forgetThreads(rootless);
  const untold = threads.flatMap((thread, i) => {
    const row = rows[i] ?? null;
    return row === null || row.entry.projection?.threadId !== undefined ? [] : [{ thread, row }];
  });
  await eachOf(untold, ({ thread, row }) => tellRoot(ports, thread, row));
  return { told: untold.length, forgotten: rootless.length };
}

async function tellRoot(ports: MendPorts, thread: Thread, row: LogRow<MessageEntry>): Promise<void> {
  const entry: ChangeEntry = {
    kind: 'THREAD_OPENED',
    head: row.seq,
    actorId: row.entry.authorId,
    userId: null,
    seq: row.seq,
    threadId: thread.channelId,
  };
  await ports.changes.append(rootChannel(thread), {
    sendKey: `restored/${thread.channelId}`,
    entry,
    bytes: Buffer.byteLength(JSON.stringify(entry)),
    searchBack: 'ONE_BUCKET',
  });
}

async function eachOf<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values();
  const worker = async (): Promise<void> => {
    for (const item of queue) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, worker));
}
