/**
 * Passes signals on, no more than listeners can use. Of one sender's signals with the same key the first goes on at
 * once, then at most one a tick, the newest. Signals without a key all count, up to a number a tick and channel. Each
 * replica counts for itself, both what it tells others and what its own listeners hear.
 */
import type { Signal } from '../chat/live/port.ts';
import type { ChannelKey } from '../chat/log/port.ts';
import { channelName } from './topic-names.ts';

export interface SignalTicksOptions {
  readonly everyMs: number;
  /** Channels with signals in the same tick; those of more are dropped. */
  readonly channels: number;
  /** Senders' keys told or waiting in one channel's tick; more are dropped. */
  readonly keys: number;
  /** Signals without a key that one channel passes on in a tick; more are dropped. */
  readonly keyless: number;
  readonly tell: (channel: ChannelKey, signal: Signal) => void;
}

/** What one sender told under one key in this tick. */
interface Told {
  /** The newest that came since; null when none did. */
  waiting: Signal | null;
  sentAt: number;
}

interface Ticking {
  readonly channel: ChannelKey;
  /** By sender and key. */
  readonly told: Map<string, Told>;
  keyless: number;
}

export class SignalTicks {
  readonly #options: SignalTicksOptions;
  readonly #channels = new Map<string, Ticking>();
  #timer: NodeJS.Timeout | null = null;

  constructor(options: SignalTicksOptions) {
    this.#options = options;
  }

  /** Channels that had signals in this tick. */
  get size(): number {
    return this.#channels.size;
  }

  /** False when it is dropped: the channel has as many in this tick as it may. */
  offer(channel: ChannelKey, signal: Signal): boolean {
    const ticking = this.#channels.get(channelName(channel)) ?? this.#begin(channel);
    if (ticking === null) return false;
    return signal.key === null ? this.#keyless(ticking, signal) : this.#keyed(ticking, signal, signal.key);
  }

  close(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    this.#channels.clear();
  }

  #begin(channel: ChannelKey): Ticking | null {
    if (this.#channels.size >= this.#options.channels) return null;
    const ticking: Ticking = { channel, told: new Map(), keyless: 0 };
    this.#channels.set(channelName(channel), ticking);
    this.#timer ??= setInterval(() => this.#tick(), this.#options.everyMs).unref();
    return ticking;
  }

  #keyless(ticking: Ticking, signal: Signal): boolean {
    if (ticking.keyless >= this.#options.keyless) return false;
    ticking.keyless += 1;
    this.#options.tell(ticking.channel, signal);
    return true;
  }

  #keyed({ channel, told }: Ticking, signal: Signal, key: string): boolean {
    const name = `${signal.userId}:${key}`;
    const known = told.get(name);
    if (known === undefined) {
      if (told.size >= this.#options.keys) return false;
      told.set(name, { waiting: null, sentAt: signal.sentAt });
      this.#options.tell(channel, signal);
      return true;
    }
    // From two devices over two replicas they may come in another order than they were sent.
    if (signal.sentAt >= (known.waiting?.sentAt ?? known.sentAt)) known.waiting = signal;
    return true;
  }

  /** Tells the newest of what came since the last tick; what was quiet for a whole one is forgotten. */
  #tick(): void {
    for (const [name, ticking] of this.#channels) {
      ticking.keyless = 0;
      for (const [key, told] of ticking.told) this.#again(ticking, key, told);
      if (ticking.told.size === 0) this.#channels.delete(name);
    }
    if (this.#channels.size > 0 || this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }

  #again({ channel, told }: Ticking, key: string, known: Told): void {
    const { waiting } = known;
    if (waiting === null) {
      told.delete(key);
      return;
    }
    told.set(key, { waiting: null, sentAt: waiting.sentAt });
    this.#options.tell(channel, waiting);
  }
}
