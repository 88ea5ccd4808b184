/**
 * Tells which changes of messages a replay gives: of each message the newest, which the message's own row names. So
 * three hundred edits are one event, nothing is buffered, and a cursor between them is true: whoever resumes there is
 * given the message further on.
 */
import type { ChangeEntry } from '../../chat/log/entries.ts';
import type { ChannelKey, LogRow } from '../../chat/log/port.ts';
import type { Logs } from '../hub/merged-reader.ts';

export class Fold {
  readonly #logs: Logs;
  /** Revs of the chunk read last that are their message's newest. */
  #newest: ReadonlySet<number> = new Set();

  constructor(logs: Logs) {
    this.#logs = logs;
  }

  /** The logs to read with: each chunk of changes is looked up before it is given. */
  readonly changes: Logs['changes'] = {
    heads: (channels) => this.#logs.changes.heads(channels),
    observe: (channel, row) => this.#logs.changes.observe(channel, row),
    range: async (channel, from, to) => {
      const rows = await this.#logs.changes.range(channel, from, to);
      this.#newest = await this.#newestOf(channel, rows);
      return rows;
    },
  };

  /** Of a change of a message in the chunk read last: false when a newer one tells of the message. */
  isNewest({ seq: rev }: LogRow<ChangeEntry>): boolean {
    return this.#newest.has(rev);
  }

  async #newestOf(channel: ChannelKey, rows: readonly LogRow<ChangeEntry>[]): Promise<ReadonlySet<number>> {
    const revs = new Map<number, number>();
    for (const { seq: rev, entry } of rows) if (entry.seq !== undefined) revs.set(entry.seq, rev);
    if (revs.size === 0) return new Set();
    const refs = [...revs.keys()].map((seq) => ({ channel, seq }));
    const messages = await this.#logs.messages.rows(refs);
    const newest = new Set<number>();
    for (const message of messages) {
      const rev = message === null ? undefined : revs.get(message.seq);
      // A row without this change's projection (an edit that came upon a deletion) is told rather than missed.
      if (rev !== undefined && (message?.entry.projection?.changedRev ?? 0) <= rev) newest.add(rev);
    }
    return newest;
  }
}
