/** Who has reacted to a message with one emoji, as far as deciding a batch needs it: never all of them. */
import { REACTORS_KEPT, type ReactionSummary } from '../log/entries.ts';

const NOBODY: ReactionSummary = { count: 0, since: 0, first: [] };

export class ReactionState {
  #count: number;
  #since: number;
  /** Those who reacted first, in order: all of them, or enough for as many to leave as the batch asks for. */
  readonly #first: string[];
  /** The revs at which people reacted: of those in the batch and, where somebody leaves, of the first. */
  readonly #revs: Map<string, number>;

  /**
   * @param first at least those that the summary names.
   * @param revs of everyone who is added or removed while this lives.
   */
  constructor(
    summary: ReactionSummary | undefined,
    first: readonly string[],
    revs: ReadonlyMap<string, number>,
  ) {
    const { count, since } = summary ?? NOBODY;
    this.#count = count;
    this.#since = since;
    this.#first = [...first];
    this.#revs = new Map(revs);
  }

  get count(): number {
    return this.#count;
  }

  /** The rev at which this person reacted; null when they have not, or no longer. */
  addedRev(userId: string): number | null {
    return this.#revs.get(userId) ?? null;
  }

  add(userId: string, rev: number): void {
    // Those beyond the first known ones are counted only.
    if (this.#first.length >= this.#count) this.#first.push(userId);
    if (this.#count === 0) this.#since = rev;
    this.#count++;
    this.#revs.set(userId, rev);
  }

  remove(userId: string): void {
    this.#count--;
    this.#revs.delete(userId);
    const place = this.#first.indexOf(userId);
    if (place === -1) return;
    this.#first.splice(place, 1);
    const [first] = this.#first;
    if (place === 0 && first !== undefined) this.#since = this.#revs.get(first) ?? this.#since;
  }

  /** Null when nobody is left. */
  summary(): ReactionSummary | null {
    if (this.#count <= 0) return null;
    return { count: this.#count, since: this.#since, first: this.#first.slice(0, REACTORS_KEPT) };
  }
}
