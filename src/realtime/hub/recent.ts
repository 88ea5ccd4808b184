/**
 * What a channel handed on lately: remembered only while somebody is replaying it, who then need not ask the logs for
 * what came while they were asked last. Without it a channel that is written to faster than a log answers would never be
 * caught up with.
 */
import type { Handed } from './handed.ts';
import { isSame, type Position } from './position.ts';

const MOST_ITEMS = 128;
const MOST_BYTES = 256 * 1024;

export class Recent {
  #handed: Handed[] = [];
  #bytes = 0;
  #users = 0;

  /** From now on what is handed on is remembered. Returns what ends it, to be called once. */
  use(): () => void {
    this.#users += 1;
    return () => {
      this.#users -= 1;
      if (this.#users === 0) this.clear();
    };
  }

  note(handed: Handed): void {
    if (this.#users === 0) return;
    const { erasure } = handed;
    // What a deleted message had said is not told to anybody who comes to it now: it is read as it is.
    if (erasure !== null) this.#forgetUpTo(erasure.deletion.entry.seq ?? 0);
    this.#handed.push(handed);
    this.#bytes += handed.bytes;
    while (this.#handed.length > MOST_ITEMS || this.#bytes > MOST_BYTES) this.#forgetOldest();
  }

  /** What was handed on right after this very place, up to now; empty when it is not remembered. */
  since(place: Position): readonly Handed[] {
    const first = this.#handed.findIndex(({ from }) => isSame(from, place));
    return first === -1 ? [] : this.#handed.slice(first);
  }

  clear(): void {
    this.#handed = [];
    this.#bytes = 0;
  }

  #forgetOldest(): void {
    this.#bytes -= this.#handed.shift()?.bytes ?? 0;
  }

  #forgetUpTo(seq: number): void {
    const last = this.#handed.findLastIndex(({ item }) => item.log === 'MESSAGES' && item.row.seq === seq);
    for (let i = 0; i <= last; i += 1) this.#forgetOldest();
  }
}
