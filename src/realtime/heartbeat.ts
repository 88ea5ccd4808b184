/**
 * The heartbeats of all replicas, this one's own included: they cross the bus like everything else, so a beat that
 * is missed says that more may have been missed. Beats also tell who lives.
 */
import type { Logger } from '../chat/logger.ts';
import type { Bus, BusSubscription } from './bus.ts';
import { type Beat, beatPublication } from './publication.ts';
import type { Timings } from './timings.ts';
import { beatTopic } from './topic-names.ts';
import type { Unconfirmed } from './unconfirmed.ts';

/** Whose truth should be looked at: everybody's, or that of those named. */
export interface Suspicion {
  readonly isAll: boolean;
  readonly channels: Beat['channels'];
  readonly users: Beat['users'];
}

const ALL: Suspicion = { isAll: true, channels: [], users: [] };
/** More replicas than anyone runs; what claims to be yet another is not believed. */
const MOST_REPLICAS = 4_096;

interface Replica {
  n: number;
  heardAt: number;
  isSilent: boolean;
}

export interface HeartbeatOptions {
  readonly bus: Bus;
  readonly replicaId: string;
  readonly unconfirmed: Unconfirmed;
  readonly timings: Timings;
  readonly logger: Logger;
}

export class Heartbeat {
  readonly #options: HeartbeatOptions;
  readonly #replicas = new Map<string, Replica>();
  readonly #subscription: BusSubscription;
  readonly #timer: NodeJS.Timeout;
  readonly #own: Replica = { n: 0, heardAt: performance.now(), isSilent: false };
  #beats = 0;
  #rejected = 0;
  #onSuspicion: (suspicion: Suspicion) => void = () => undefined;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
    this.#replicas.set(options.replicaId, this.#own);
    this.#subscription = options.bus.subscribe(beatTopic, (payload) => this.#hear(payload));
    this.#timer = setInterval(() => this.#tick(), options.timings.beatMs);
    this.#timer.unref();
  }

  /** One listener: what may have been missed. */
  onSuspicion(listener: (suspicion: Suspicion) => void): void {
    this.#onSuspicion = listener;
  }

  /** False while this replica's own beats do not come back to it: then nobody else's words do either. */
  hearsItself(): boolean {
    return !this.#own.isSilent;
  }

  /** Ids of the replicas heard lately, this one included. */
  heard(): readonly string[] {
    return [...this.#replicas].filter(([, replica]) => !replica.isSilent).map(([id]) => id);
  }

  /** Beats dropped because of their shape. */
  get rejected(): number {
    return this.#rejected;
  }

  /** Replicas known, this one included. */
  get size(): number {
    return this.#replicas.size;
  }

  /** Says farewell; the bus's deadline is the longest this takes. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#subscription.leave();
    await this.#beat(true);
  }

  #tick(): void {
    void this.#beat(false);
    const { silentMs, goneMs } = this.#options.timings;
    const now = performance.now();
    let isSuspect = false;
    for (const [id, replica] of this.#replicas) {
      const silence = now - replica.heardAt;
      if (silence > silentMs && !replica.isSilent) {
        replica.isSilent = true;
        isSuspect = true;
      }
      // Whoever is deaf cannot tell who is gone.
      if (silence > goneMs && replica !== this.#own && this.hearsItself()) this.#replicas.delete(id);
    }
    if (isSuspect) this.#onSuspicion(ALL);
  }

  async #beat(isLeaving: boolean): Promise<void> {
    const { bus, replicaId, unconfirmed, logger } = this.#options;
    this.#beats += 1;
    const named = unconfirmed.named();
    const { channels, users, isAll } = named;
    const beat = { from: replicaId, n: this.#beats, isLeaving, channels, users, isAll };
    try {
      await bus.publish(beatTopic, beat);
      unconfirmed.confirmed(named);
    } catch (error) {
      logger.debug({ err: error }, 'A heartbeat was not confirmed.');
    }
  }

  #hear(payload: unknown): void {
    const parsed = beatPublication.safeParse(payload);
    if (!parsed.success) {
      this.#rejected += 1;
      this.#onSuspicion(ALL);
      return;
    }
    const beat = parsed.data;
    if (beat.isAll || beat.channels.length > 0 || beat.users.length > 0) this.#onSuspicion(beat);
    if (beat.isLeaving) {
      if (beat.from !== this.#options.replicaId) this.#replicas.delete(beat.from);
      return;
    }
    const known = this.#replicas.get(beat.from);
    if (known === undefined) this.#meet(beat);
    else this.#hearAgain(known, beat);
  }

  #meet(beat: Beat): void {
    if (this.#replicas.size >= MOST_REPLICAS) {
      this.#options.logger.warn({ replica: beat.from }, 'More replicas beat than can be known.');
      return;
    }
    this.#replicas.set(beat.from, { n: beat.n, heardAt: performance.now(), isSilent: false });
    // What it published before this beat may have been missed.
    this.#onSuspicion(ALL);
  }

  #hearAgain(replica: Replica, beat: Beat): void {
    const now = performance.now();
    if (replica === this.#own && replica.isSilent) {
      for (const other of this.#replicas.values()) other.heardAt = now;
    }
    const wasMissed = replica.isSilent || beat.n > replica.n + 1;
    replica.heardAt = now;
    replica.isSilent = false;
    // A beat that comes late or twice tells nothing new.
    if (beat.n <= replica.n) return;
    replica.n = beat.n;
    if (wasMissed) this.#onSuspicion(ALL);
  }
}
