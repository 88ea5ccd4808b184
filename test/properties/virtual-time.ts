/**
 * Time that stands still until somebody moves it, for code that runs within `inVirtualTime`: its timers, its turns of
 * the event loop and its random numbers are those of a world, everybody else's stay what they are. So the program
 * itself runs unchanged, the driver of a real store beside it keeps its deadlines, and a run can be had again.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers/promises';

/** Where the code that runs within it takes its time from. */
export interface Ticking {
  /** Calls after so many milliseconds of the world's time. Returns what forgets it. */
  after(ms: number, call: () => void): () => void;
  /** From 0 up to 1. */
  random(): number;
}

const within = new AsyncLocalStorage<Ticking>();

export const inVirtualTime = <T>(ticking: Ticking, run: () => T): T => within.run(ticking, run);
/** Out of it again: for calls to a real store. */
export const inRealTime = <T>(run: () => T): T => within.exit(run);

const real = {
  setTimeout: globalThis.setTimeout,
  clearTimeout: globalThis.clearTimeout,
  random: Math.random,
  sleep: timers.setTimeout,
  turn: timers.setImmediate,
};

/** One turn of the real event loop: everything that could go on without a timer or a store has gone on. */
export const turnOfTheLoop = (): Promise<void> => real.turn();

/** What a faked setTimeout gives: the program only ever clears it. */
class VirtualTimeout {
  readonly forget: () => void;
  constructor(forget: () => void) {
    this.forget = forget;
  }
  unref(): this {
    return this;
  }
  ref(): this {
    return this;
  }
}

const replacements = {
  setTimeout(call: (...args: unknown[]) => void, ms = 0, ...args: unknown[]): unknown {
    const ticking = within.getStore();
    if (ticking === undefined) return real.setTimeout(call, ms, ...args);
    // What it starts in its turn is within as well, as it is with Node's own.
    return new VirtualTimeout(ticking.after(ms, () => within.run(ticking, () => call(...args))));
  },
  clearTimeout(timeout: unknown): void {
    if (timeout instanceof VirtualTimeout) timeout.forget();
    else real.clearTimeout(timeout as NodeJS.Timeout);
  },
};

/** `sleep` and `turn` of node:timers/promises; the program gives them no signals. */
const sleep = (ms = 0, value?: unknown, options?: object): Promise<unknown> => {
  const ticking = within.getStore();
  if (ticking === undefined) return real.sleep(ms, value, options);
  return new Promise((resolve) => ticking.after(ms, () => resolve(value)));
};

Object.assign(globalThis, replacements);
// util.promisify(setTimeout) finds its own way.
Object.defineProperty(globalThis.setTimeout, Symbol.for('nodejs.util.promisify.custom'), { value: sleep });
Math.random = () => (within.getStore()?.random ?? real.random)();
Object.assign(timers, {
  setTimeout: sleep,
  setImmediate: (value?: unknown, options?: object) =>
    within.getStore() === undefined ? real.turn(value, options) : sleep(0, value),
});
// Modules that imported these by name see them from now on.
syncBuiltinESMExports();
