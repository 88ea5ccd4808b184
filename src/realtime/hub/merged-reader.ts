/**
 * Reads a channel's two logs on from a place, as one order: each change after the messages that were there when it
 * was appended, each number exactly once. The hub's repairs and the subscribers' replays both read with it. It
 * holds at most one chunk of either log.
 */
import type { ChangeEntry, MessageEntry } from '../../chat/log/entries.ts';
import type { LogRow } from '../../chat/log/port.ts';
import { deletedBy } from '../../chat/messages/content.ts';
import type { Chunks } from './chunks.ts';
import { after, change, type FoldedRow, type Item, isNext, message } from './item.ts';
import { type Position, reaches } from './position.ts';

/** The log did not show numbers that it is known to have: asked again, it will. */
export class RowsMissing extends Error {
  override readonly name = 'RowsMissing';
}

export class MergedReader {
  readonly #chunks: Chunks;
  readonly #chunk: number;
  #position: Position;
  #messages: LogRow<MessageEntry>[] = [];
  #changes: FoldedRow[] = [];
  /** Deletions told while messages are read; null while none are. */
  #deletions: LogRow<ChangeEntry>[] | null = null;

  constructor(chunks: Chunks, from: Position, chunk: number) {
    this.#chunks = chunks;
    this.#position = from;
    this.#chunk = chunk;
  }

  /** Everything up to here was given. */
  get position(): Position {
    return this.#position;
  }

  /** True once everything up to `upTo` was given; a change may have brought messages beyond it. */
  hasReached(upTo: Position): boolean {
    return reaches(this.#position, upTo);
  }

  /** What comes next; null when all is given up to `upTo`, or when it must be read (`fill`) first. */
  next(upTo: Position): Item | null {
    const item = this.#peek(upTo);
    if (item === null) return null;
    if (item.log === 'MESSAGES') this.#messages.shift();
    else this.#changes.shift();
    this.#position = after(this.#position, item);
    return item;
  }

  /** An item that came from elsewhere and is next. Only while nothing is being read. */
  given(item: Item): void {
    this.#position = after(this.#position, item);
    const { seq, rev } = this.#position;
    while ((this.#messages[0]?.seq ?? seq + 1) <= seq) this.#messages.shift();
    while ((this.#changes[0]?.seq ?? rev + 1) <= rev) this.#changes.shift();
  }

  /** A message was deleted: what was read of it before is not given any more. */
  erase(deletion: LogRow<ChangeEntry>): void {
    this.#messages = this.#messages.map((row) => withoutDeleted(row, deletion));
    this.#deletions?.push(deletion);
  }

  /** Reads what `next` lacks. Throws what the logs throw, and RowsMissing; may then be called again. */
  async fill(upTo: Position): Promise<void> {
    const { seq, rev } = this.#position;
    const lastSeq = this.#lastMessage(upTo);
    // Both are waited for, also when one fails: a read still under way would later put back what was given since.
    const outcomes = await Promise.allSettled([
      this.#messages.length === 0 && seq < lastSeq ? this.#fillMessages(seq + 1, lastSeq) : null,
      this.#changes.length === 0 && rev < upTo.rev ? this.#fillChanges(rev + 1, upTo.rev) : null,
    ]);
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  }

  #peek(upTo: Position): Item | null {
    const [nextChange] = this.#changes;
    // Without knowing the next change, no message can be placed before or after it.
    if (nextChange === undefined && this.#position.rev < upTo.rev) return null;
    if (nextChange !== undefined) {
      const item = change(nextChange);
      if (isNext(this.#position, item)) return item;
    }
    const [nextMessage] = this.#messages;
    if (nextMessage === undefined || nextMessage.seq > this.#lastMessage(upTo)) return null;
    return message(nextMessage);
  }

  /** A change that waits for messages beyond `upTo` brings them along. */
  #lastMessage(upTo: Position): number {
    return Math.max(upTo.seq, this.#changes[0]?.entry.head ?? 0);
  }

  async #fillMessages(from: number, last: number): Promise<void> {
    const to = Math.min(last, from + this.#chunk - 1);
    const deletions: LogRow<ChangeEntry>[] = [];
    this.#deletions = deletions;
    try {
      const { rev } = this.#position;
      const rows = dense(await this.#chunks.messages(from, to, rev), from);
      this.#messages = rows.map((row) => deletions.reduce(withoutDeleted, row));
    } finally {
      this.#deletions = null;
    }
  }

  async #fillChanges(from: number, last: number): Promise<void> {
    const to = Math.min(last, from + this.#chunk - 1);
    this.#changes = dense(await this.#chunks.changes(from, to), from);
  }
}

/** The row, without what it says when this deletion is of its message. */
export const withoutDeleted = (
  row: LogRow<MessageEntry>,
  deletion: LogRow<ChangeEntry>,
): LogRow<MessageEntry> =>
  row.seq === deletion.entry.seq ? { ...row, entry: deletedBy(deletion, row.entry) } : row;

/** The rows from this number on, up to the first that is missing; at least one. */
function dense<Row extends { readonly seq: number }>(rows: readonly Row[], from: number): Row[] {
  const wanted = rows.filter(({ seq }) => seq >= from);
  const hole = wanted.findIndex((row, i) => row.seq !== from + i);
  const whole = hole === -1 ? wanted : wanted.slice(0, hole);
  if (whole.length === 0) throw new RowsMissing(`The log does not show number ${from}.`);
  return whole;
}
