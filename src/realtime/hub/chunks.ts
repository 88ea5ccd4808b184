/**
 * Where a reader of both logs of a channel takes its rows from: the logs themselves, or reads shared by all who replay
 * the channel at about the same time.
 */
import type { ChangeEntry, MessageEntry } from '../../chat/log/entries.ts';
import type { ChannelKey, LogRow } from '../../chat/log/port.ts';
import { bytesOf, change, type FoldedRow, type Item, message } from './item.ts';
import type { KeptReads } from './kept-reads.ts';
import type { Logs } from './logs.ts';
import { Segments } from './segments.ts';

export interface Chunks {
  /**
   * Rows from `from` on, ascending, up to `to` at most; perhaps fewer, and perhaps some before. Each shows every
   * change up to `rev`.
   */
  messages(from: number, to: number, rev: number): Promise<readonly LogRow<MessageEntry>[]>;
  changes(from: number, to: number): Promise<readonly FoldedRow[]>;
}

/** The logs themselves, asked each time. */
export const ownChunks = (logs: Logs, key: ChannelKey): Chunks => ({
  messages: (from, to) => logs.messages.range(key, from, to),
  changes: (from, to) => logs.changes.range(key, from, to),
});

/**
 * Shared reads. A message is shown as it is: what was read before a change of it is not given to anybody who asks after
 * the hub has handed the change on.
 */
export class SharedChunks implements Chunks {
  readonly #messages: Segments<readonly LogRow<MessageEntry>[]>;
  readonly #changes: Segments<readonly FoldedRow[]>;

  constructor(options: {
    readonly key: ChannelKey;
    readonly logs: Logs;
    readonly kept: KeptReads;
    readonly chunk: number;
    /** Of the newest change that was handed on; it was told to `handOn` before. */
    readonly knownRev: () => number;
  }) {
    const { key, logs, chunk: block, ...common } = options;
    this.#messages = new Segments({
      ...common,
      block,
      read: (from, to) => logs.messages.range(key, from, to),
      bytesOf: (rows) => rows.reduce((sum, row) => sum + bytesOf(message(row)), 0),
    });
    this.#changes = new Segments({
      ...common,
      block,
      read: async (from, to) => fold(logs, key, await logs.changes.range(key, from, to)),
      bytesOf: (rows) => rows.reduce((sum, row) => sum + bytesOf(change(row)), 0),
    });
  }

  messages(from: number, to: number, rev: number): Promise<readonly LogRow<MessageEntry>[]> {
    return this.#messages.read(from, to, rev);
  }

  changes(from: number, to: number): Promise<readonly FoldedRow[]> {
    return this.#changes.read(from, to, 0);
  }

  /** About to be handed on by the hub. */
  handOn({ log, row }: Item): void {
    if (log === 'MESSAGES' || row.entry.seq === undefined) return;
    this.#messages.forget(row.entry.seq);
    // Edits of the message lie in the change log too, and say what it had said.
    if (row.entry.kind === 'DELETED') this.#changes.clear();
  }

  close(): void {
    this.#messages.close();
    this.#changes.close();
  }
}

/**
 * Tells which changes of messages a replay gives: of each message the newest, which the message's own row names. So
 * three hundred edits are one event, nothing is buffered, and a cursor between them is true: whoever resumes there is
 * given the message further on.
 */
async function fold(
  logs: Logs,
  channel: ChannelKey,
  rows: readonly LogRow<ChangeEntry>[],
): Promise<readonly FoldedRow[]> {
  const revs = new Map<number, number>();
  for (const { seq: rev, entry } of rows) if (entry.seq !== undefined) revs.set(entry.seq, rev);
  if (revs.size === 0) return rows;
  const refs = [...revs.keys()].map((seq) => ({ channel, seq }));
  const newest = new Set<number>();
  for (const found of await logs.messages.rows(refs)) {
    const rev = found === null ? undefined : revs.get(found.seq);
    // A row without this change's projection (an edit that came upon a deletion) is told rather than missed.
    if (rev !== undefined && (found?.entry.projection?.changedRev ?? 0) <= rev) newest.add(rev);
  }
  return rows.map((row) => ({ ...row, isNewest: newest.has(row.seq) }));
}
