/**
 * Reads of one log of one channel, kept for a moment: whoever asks for numbers that somebody else has asked for just
 * now shares that read, also while it is under way. Blocks of numbers are aligned, so that clients whose cursors differ
 * a little share all but their first rows; the first to come reads no more than it needs.
 */
import type { KeptReads, Read } from './kept-reads.ts';

export interface Numbered {
  readonly seq: number;
}

export interface SegmentsOptions<Answer extends readonly Numbered[]> {
  readonly kept: KeptReads;
  /** Numbers in a block. */
  readonly block: number;
  /** Up to which rev all changes since were looked at: those of what is kept have dropped it. */
  readonly knownRev: () => number;
  readonly read: (from: number, to: number) => Promise<Answer>;
  readonly bytesOf: (answer: Answer) => number;
}

interface Segment<Answer> extends Read {
  readonly from: number;
  readonly to: number;
  /** The rows hold every change up to this rev; up to the known one too, or they were dropped. */
  readonly rev: number;
  readonly answer: Promise<Answer>;
}

export class Segments<Answer extends readonly Numbered[]> {
  readonly #options: SegmentsOptions<Answer>;
  /** By block, in order, none overlapping another. */
  readonly #blocks = new Map<number, Segment<Answer>[]>();
  #isClosed = false;

  constructor(options: SegmentsOptions<Answer>) {
    this.#options = options;
  }

  /**
   * What is there from `from` on, up to `to` at most and to the end of the block: the answer may begin before `from`.
   * Every change up to `rev` shows in it. Throws what the log throws.
   */
  read(from: number, to: number, rev: number): Promise<Answer> {
    const { block, knownRev } = this.#options;
    const number = Math.floor((from - 1) / block);
    const known = this.#blocks.get(number) ?? [];
    const covering = known.find((segment) => segment.from <= from && from <= segment.to);
    if (covering !== undefined) {
      if (rev <= Math.max(covering.rev, knownRev())) return covering.answer;
      // Whoever asks knows of changes that came after it was read.
      this.#drop(number, covering);
    }
    const before = known.findLast((segment) => segment.to < from);
    const next = known.find((segment) => segment.from > from);
    const isFirst = before === undefined && next === undefined;
    const start = isFirst ? from : (before?.to ?? number * block) + 1;
    const end = Math.min(to, next === undefined ? (number + 1) * block : next.from - 1);
    return this.#begin(number, start, end, Math.max(rev, knownRev()));
  }

  /** A change of what this number holds: nothing read before is an answer any more. */
  forget(seq: number): void {
    const number = Math.floor((seq - 1) / this.#options.block);
    const holding = this.#blocks.get(number)?.filter(({ from, to }) => from <= seq && seq <= to) ?? [];
    for (const segment of holding) this.#drop(number, segment);
  }

  clear(): void {
    for (const [number, segments] of this.#blocks) {
      for (const segment of [...segments]) this.#drop(number, segment);
    }
  }

  /** Nobody asks any more: reads whose turn has not come are not made. */
  close(): void {
    this.#isClosed = true;
    this.clear();
  }

  #begin(number: number, from: number, to: number, rev: number): Promise<Answer> {
    const { kept, read, bytesOf } = this.#options;
    const answer = kept.limit(() => {
      if (this.#isClosed) throw new Error('Nobody listens to the channel any more.');
      return read(from, to);
    });
    const segment: Segment<Answer> = { from, to, rev, answer, drop: () => this.#drop(number, segment) };
    const segments = [...(this.#blocks.get(number) ?? []), segment];
    this.#blocks.set(
      number,
      segments.toSorted((a, b) => a.from - b.from),
    );
    answer.then(
      (rows) => {
        // With a hole in it, it must be read again; dropped meanwhile, it is an answer to those who wait and no others.
        if (rows.length < to - from + 1) segment.drop();
        else if (this.#blocks.get(number)?.includes(segment) === true) kept.keep(segment, bytesOf(rows));
      },
      () => segment.drop(),
    );
    return answer;
  }

  #drop(number: number, segment: Segment<Answer>): void {
    this.#options.kept.forget(segment);
    const rest = (this.#blocks.get(number) ?? []).filter((other) => other !== segment);
    if (rest.length === 0) this.#blocks.delete(number);
    else this.#blocks.set(number, rest);
  }
}
