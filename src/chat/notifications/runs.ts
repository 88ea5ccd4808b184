/**
 * Numbers of a log, kept as runs: of a busy channel thousands of messages tell nobody anything before anybody writes down
 * how far it was looked through, and all that matters of them is that none is missing.
 */

/** All numbers from one up to another. */
export interface Run {
  readonly from: number;
  readonly to: number;
}

/** Runs kept; numbers come nearly in order, so beyond this they are forgotten. */
const MOST = 512;

export class Runs {
  /** Ascending, none next to another. */
  #runs: { from: number; to: number }[] = [];

  get list(): readonly Run[] {
    return this.#runs;
  }

  add(number: number): void {
    const last = this.#runs.at(-1);
    if (last !== undefined && number === last.to + 1) {
      last.to = number;
      return;
    }
    const next = this.#runs.findIndex(({ to }) => to >= number - 1);
    const run = this.#runs[next];
    if (run === undefined) this.#runs.push({ from: number, to: number });
    else if (run.to === number - 1) this.#join(next, number);
    else if (run.from === number + 1) run.from = number;
    else if (run.from > number) this.#runs.splice(next, 0, { from: number, to: number });
    if (this.#runs.length > MOST) this.#runs = [];
  }

  /** Forgets the numbers up to this one. */
  dropUpTo(number: number): void {
    this.#runs = this.#runs
      .filter(({ to }) => to > number)
      .map(({ from, to }) => ({ from: Math.max(from, number + 1), to }));
  }

  /** The run at this place grows by the number behind it, and takes in the one that follows. */
  #join(at: number, number: number): void {
    const run = this.#runs[at];
    const following = this.#runs[at + 1];
    if (run === undefined) return;
    run.to = number;
    if (following?.from !== number + 1) return;
    run.to = following.to;
    this.#runs.splice(at + 1, 1);
  }
}

/** How far all numbers after `from` are known, one by one or in (ascending) runs; `most` at the most. */
export function knownUpTo(
  from: number,
  most: number,
  known: { has(number: number): boolean },
  runs: readonly Run[],
): number {
  let at = from;
  let next = 0;
  while (at < most) {
    if (known.has(at + 1)) {
      at += 1;
      continue;
    }
    while ((runs[next]?.to ?? Number.POSITIVE_INFINITY) <= at) next += 1;
    const run = runs[next];
    if (run === undefined || run.from > at + 1) return at;
    at = run.to;
  }
  return most;
}
