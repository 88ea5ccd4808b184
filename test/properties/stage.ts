/**
 * Replicas of a log in a world, and the requests that are made to them: replicas die and are replaced, freeze, have
 * clocks that are seconds apart; a request ends by an answer, by an error, or with its replica.
 */

import type { Clock } from '../../src/chat/clock.ts';
import { ChatError } from '../../src/chat/errors.ts';
import type { Chaos } from './log-plan.ts';
import { inVirtualTime } from './virtual-time.ts';
import { type Process, World } from './world.ts';

/** A time that UUIDv7 and the stores take; which one does not matter. */
const BEGINNING = Date.UTC(2026, 0, 1);
/** By how much clocks of replicas may differ: more makes a replica unready. */
const CLOCK_SKEW_MS = 5_000;
const LEAP_MS = 11 * 60_000;
/** Whatever fails, a request settles within this. */
const PROMISED_MS = 15_000;
/** Of a client that repeats what was not answered; more, and nothing will ever answer it. */
const MOST_TRIES = 400;

export interface Replica<Parts> extends Process {
  readonly parts: Parts;
  readonly clock: Clock;
  readonly died: Promise<'DIED'>;
  die(): void;
}

export class Stage<Parts> {
  readonly world: World;
  /** The promises that were broken, in plain words. */
  readonly broken: string[] = [];
  /** All there ever were. */
  readonly replicas: Replica<Parts>[] = [];
  readonly #chaos: Chaos;
  readonly #count: number;
  readonly #make: (process: Process, clock: Clock) => Parts;
  #leapt = 0;

  /** @param make what a replica consists of; runs in its process. */
  constructor(
    plan: { seed: number; replicas: number; chaos: Chaos },
    make: (process: Process, clock: Clock) => Parts,
  ) {
    this.world = new World(plan.seed);
    this.#chaos = plan.chaos;
    this.#count = plan.replicas;
    this.#make = make;
  }

  /** Starts the first replicas. */
  open(): void {
    while (this.serving.length < this.#count) this.start();
  }

  /** Wall clock of somebody whose clock is right. */
  get wallClock(): number {
    return BEGINNING + this.world.now + this.#leapt;
  }

  get isTroubled(): boolean {
    return this.world.steps < this.#chaos.steps;
  }

  /** Those that take requests. */
  get serving(): readonly Replica<Parts>[] {
    return this.replicas.filter((replica) => replica.isAlive);
  }

  start(): void {
    const { promise: died, resolve } = Promise.withResolvers<'DIED'>();
    const skew = Math.floor((this.world.random() - 0.5) * CLOCK_SKEW_MS);
    const clock: Clock = { now: () => Math.floor(this.wallClock + skew) };
    const process: Process = { isAlive: true, isFrozen: false };
    const parts = this.within(process, () => this.#make(process, clock));
    this.replicas.push(
      Object.assign(process, {
        parts,
        clock,
        died,
        die() {
          process.isAlive = false;
          resolve('DIED');
        },
      }),
    );
  }

  within<T>(process: Process, run: () => T): T {
    return inVirtualTime(this.world.tickingOf(process), run);
  }

  /** What may happen at any step while there is trouble. */
  meddle(): void {
    const { world } = this;
    for (const replica of this.replicas)
      if (replica.isFrozen && (!this.isTroubled || world.chance(0.01))) replica.isFrozen = false;
    if (!this.isTroubled) return;
    if (world.chance(this.#chaos.crash)) {
      world.pick(this.serving).die();
      this.start();
    }
    if (world.chance(this.#chaos.freeze)) world.pick(this.serving).isFrozen = true;
    if (world.chance(this.#chaos.leap)) this.#leapt += LEAP_MS;
  }

  /** One request to one replica. */
  async ask<T>(replica: Replica<Parts>, request: (parts: Parts) => Promise<T>): Promise<T | 'DIED'> {
    const began = this.world.now;
    try {
      return await Promise.race([this.within(replica, () => request(replica.parts)), replica.died]);
    } finally {
      const took = this.world.now - began;
      // While it was frozen it could not even see that time passed.
      if (took > PROMISED_MS && replica.isAlive && !this.#chaos.freeze)
        this.broken.push(`a request took ${took} ms`);
    }
  }

  /** As a careful client does: again, anywhere, until it is answered. Throws what repeating does not mend. */
  async untilAnswered<T>(request: (parts: Parts) => Promise<T>, isImpatient = false): Promise<T> {
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const asked = this.ask(this.world.pick(this.serving), request).catch((error: unknown) => {
        if (error instanceof ChatError && error.retryable === true) return 'AGAIN' as const;
        throw error;
      });
      const answer =
        isImpatient && tries < 3 ? await Promise.race([asked, this.#impatience(asked)]) : await asked;
      if (answer !== 'DIED' && answer !== 'AGAIN') return answer;
      await this.world.moment(null);
    }
    throw new Error(`no answer after ${MOST_TRIES} tries`);
  }

  async #impatience(asked: Promise<unknown>): Promise<'AGAIN'> {
    // What it comes to is nobody's business any more.
    asked.catch(() => undefined);
    for (let i = Math.floor(this.world.random() * 12); i >= 0; i--) await this.world.moment(null);
    return 'AGAIN';
  }

  /** Lets `actors` do what they do while things go wrong, then lets everything that is on its way arrive. */
  async play(actors: readonly Promise<void>[], close: (parts: Parts) => Promise<void>): Promise<void> {
    let isDone = false;
    const most = this.#chaos.steps + 60_000;
    const all = Promise.allSettled(actors).then(async (ended) => {
      for (const end of ended)
        if (end.status === 'rejected') this.broken.push(`an actor failed: ${end.reason}`);
      // Also those that die meanwhile.
      await Promise.all(
        this.serving.map((replica) =>
          Promise.race([this.within(replica, () => close(replica.parts)), replica.died]),
        ),
      );
      isDone = true;
    });
    if (
      !(await this.world.run(
        () => isDone,
        most,
        () => this.meddle(),
      ))
    ) {
      this.broken.push('something is never answered');
    } else await all;
    for (const replica of this.replicas) replica.die();
    await this.world.drain();
  }
}
