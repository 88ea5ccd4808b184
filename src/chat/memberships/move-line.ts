/** Moves that wait to be written, in order, folded where that changes nothing. Bounded. */
import type { Membership } from '../channels/port.ts';
import { foldMoves, type Move } from './moves.ts';

/** Moves that may wait: some seconds of a busy replica. */
const MOST = 20_000;

export interface Waiting {
  move: Move;
  tries: number;
  readonly waiters: PromiseWithResolvers<Membership | null>[];
}

const personOf = (organizationId: string, userId: string): string => `${organizationId}/${userId}`;
const keyOf = ({ organizationId, channelId, userId }: Move): string =>
  `${organizationId}/${channelId}/${userId}`;

export class MoveLine {
  #line: Waiting[] = [];
  /** The last waiting move of each membership, which the next one may be folded into. */
  readonly #lastOf = new Map<string, Waiting>();
  /** Whose moves wait; some are gone already as long as others wait. */
  readonly #people = new Set<string>();

  get length(): number {
    return this.#line.length;
  }

  get last(): Waiting | undefined {
    return this.#line.at(-1);
  }

  get isWaitedFor(): boolean {
    return this.#line.some(({ waiters }) => waiters.length > 0);
  }

  /** Whether moves of any of them wait. */
  hasAnyOf(organizationId: string, userIds: readonly string[]): boolean {
    if (this.#line.length === 0) return false;
    return userIds.some((userId) => this.#people.has(personOf(organizationId, userId)));
  }

  /** Returns null when the line is full. */
  put(move: Move): Waiting | null {
    const key = keyOf(move);
    const last = this.#lastOf.get(key);
    const folded = last === undefined ? null : foldMoves(last.move, move);
    if (last !== undefined && folded !== null) {
      last.move = folded;
      return last;
    }
    if (this.#line.length >= MOST) return null;
    const entry: Waiting = { move, tries: 0, waiters: [] };
    this.#line.push(entry);
    this.#people.add(personOf(move.organizationId, move.userId));
    this.#lastOf.set(key, entry);
    return entry;
  }

  /** The first ones, of so many memberships at the most. */
  take(most: number): Waiting[] {
    const memberships = new Set<string>();
    let taken = 0;
    for (const entry of this.#line) {
      const key = keyOf(entry.move);
      memberships.add(key);
      if (memberships.size > most) break;
      if (this.#lastOf.get(key) === entry) this.#lastOf.delete(key);
      taken += 1;
    }
    const batch = this.#line.splice(0, taken);
    if (this.#line.length === 0) this.#people.clear();
    return batch;
  }

  /** Back to the front: they were taken and could not be written. Nothing is folded into them any more. */
  putBack(batch: readonly Waiting[]): void {
    this.#line = [...batch, ...this.#line];
    for (const { move } of batch) this.#people.add(personOf(move.organizationId, move.userId));
  }
}
