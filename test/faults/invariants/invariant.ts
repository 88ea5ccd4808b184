/** One promise, as a question to a history. */
import type { History } from '../history.ts';

export interface Invariant {
  readonly name: string;
  /** What speaks against it, in words that name the place; nothing when it held. */
  readonly check: (history: History) => readonly string[];
}

/** Too much is as good as nothing: the first of them, and how many there are. */
export const MOST_TOLD = 10;
