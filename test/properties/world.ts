/**
 * A small world in which things happen one at a time, in an order drawn from a seed: a call reaches the store, an
 * answer comes back, a timer runs out, a publication arrives, a process dies. Between two of them everything that
 * can go on by itself has gone on, so that every interleaving of the program's steps can come up, and comes again
 * with the same seed.
 */
import { seeded } from '../../src/chat/log/testing/seeded.ts';
import { type Ticking, turnOfTheLoop } from './virtual-time.ts';

/** Whose thing it is; when it dies, what it waits for never comes; while it is frozen, nothing of it happens. */
export interface Process {
  isAlive: boolean;
  isFrozen: boolean;
}

interface Event {
  readonly of: Process | null;
  readonly weight: number;
  happen(): void;
}

interface Timer {
  readonly of: Process;
  readonly at: number;
  readonly order: number;
  ring(): void;
}

/** Of all that may happen next, how likely the next timer is, where an event that is ready counts 10. */
const TIMER_WEIGHT = 3;

export class World {
  readonly random: () => number;
  /** Milliseconds since the world began. */
  now = 0;
  steps = 0;
  readonly #events = new Set<Event>();
  readonly #timers = new Set<Timer>();
  /** Calls to a real store that are on their way. */
  readonly #underWay = new Set<Promise<unknown>>();
  #ordered = 0;

  constructor(seed: number) {
    this.random = seeded(seed);
  }

  /** True with this probability. */
  chance(probability: number): boolean {
    return this.random() < probability;
  }

  pick<T>(from: readonly T[]): T {
    const picked = from[Math.floor(this.random() * from.length)];
    if (picked === undefined) throw new Error('nothing to pick from');
    return picked;
  }

  /** Lets it happen some time later, among all else that may. */
  later(of: Process | null, happen: () => void, weight = 10): void {
    this.#events.add({ of, happen, weight });
  }

  /** The same as a promise. */
  moment(of: Process | null): Promise<void> {
    return new Promise((resolve) => this.later(of, resolve));
  }

  /** The time in which a process runs. */
  tickingOf(of: Process): Ticking {
    return {
      random: this.random,
      after: (ms, ring) => {
        const timer = { of, at: this.now + Math.max(0, ms), order: this.#ordered++, ring };
        this.#timers.add(timer);
        return () => this.#timers.delete(timer);
      },
    };
  }

  /** Something outside the world must end before the world goes on (or soon after: see `run`). */
  await(underWay: Promise<unknown>): void {
    const forget = (): void => {
      this.#underWay.delete(ended);
    };
    const ended: Promise<void> = underWay.then(forget, forget);
    this.#underWay.add(ended);
  }

  /** Goes on until `isDone`, or `mostSteps` are over: then false. `onStep` may meddle before each step. */
  async run(isDone: () => boolean, mostSteps: number, onStep: () => void): Promise<boolean> {
    for (;;) {
      await turnOfTheLoop();
      // With a real store, several calls are under way together half of the time: it decides who is first.
      while (this.#underWay.size > 0 && (this.#events.size === 0 || this.chance(0.5)))
        await Promise.race(this.#underWay).then(turnOfTheLoop);
      if (isDone()) return true;
      if (this.steps++ >= mostSteps) return false;
      onStep();
      // With all processes frozen nothing happens for a while.
      this.#step();
    }
  }

  /** Everything that is still on its way arrives, in any order; timers do not run any more. */
  async drain(): Promise<void> {
    do {
      await turnOfTheLoop();
      await Promise.all(this.#underWay);
      this.#forgetDead();
      const events = [...this.#events];
      if (events.length > 0) this.#happen(this.pick(events));
    } while (this.#events.size > 0 || this.#underWay.size > 0);
    await turnOfTheLoop();
  }

  #step(): void {
    this.#forgetDead();
    const timer = this.#nextTimer();
    const events = [...this.#events].filter(({ of }) => of?.isFrozen !== true);
    const weights = events.reduce((sum, { weight }) => sum + weight, 0);
    let draw = this.random() * (weights + (timer === null ? 0 : TIMER_WEIGHT));
    for (const event of events) {
      draw -= event.weight;
      if (draw < 0) {
        this.#happen(event);
        return;
      }
    }
    if (timer === null) return;
    this.#timers.delete(timer);
    this.now = Math.max(this.now, timer.at);
    timer.ring();
  }

  #happen(event: Event): void {
    this.#events.delete(event);
    event.happen();
  }

  #forgetDead(): void {
    for (const event of this.#events) if (event.of?.isAlive === false) this.#events.delete(event);
    for (const timer of this.#timers) if (!timer.of.isAlive) this.#timers.delete(timer);
  }

  #nextTimer(): Timer | null {
    let next: Timer | null = null;
    for (const timer of this.#timers) {
      if (timer.of.isFrozen) continue;
      if (next === null || timer.at < next.at || (timer.at === next.at && timer.order < next.order))
        next = timer;
    }
    return next;
  }
}
