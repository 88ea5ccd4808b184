/**
 * What a subscription has to give: first of all its beginning, then live events and replays by turns, so that neither
 * waits for the end of the other. Each is given only when it is asked for.
 */
import type { LiveEvent } from '../../chat/live/port.ts';
import type { Delivery } from '../hub/delivery.ts';
import type { Erasure } from '../hub/erasure.ts';
import type { Bounds } from '../timings.ts';
import { EventQueue } from './event-queue.ts';
import type { Replay } from './replay.ts';
import type { SocketRoom } from './socket-room.ts';

/** One object for all subscriptions: it is rendered once. */
const CAUGHT_UP: LiveEvent = Object.freeze({ type: 'CaughtUp', channelId: null, cursor: null });

/** The same for all that have none, as most of the time. */
const NO_REPLAYS: readonly Replay[] = [];

export interface OfferOptions {
  readonly room: SocketRoom;
  readonly bounds: Pick<Bounds, 'replaysAtOnce'>;
  /** A replay has given all: the channel goes live now. Returns where it stands, as a cursor. */
  readonly goLive: (replay: Replay) => string;
}

export class Offer {
  readonly #options: OfferOptions;
  readonly #queue: EventQueue;
  /** Before everything else, the last of it first; null once all has been given. */
  #first: LiveEvent[] | null = null;
  #replays: readonly Replay[] = NO_REPLAYS;
  #isReplaysTurn = true;
  #isCaughtUp = false;

  constructor(options: OfferOptions) {
    this.#options = options;
    this.#queue = new EventQueue(options.room);
  }

  /** What live events wait, and about what they hold. */
  get waiting(): { readonly events: number; readonly bytes: number } {
    return { events: this.#queue.length, bytes: this.#queue.bytes };
  }

  begin(first: readonly LiveEvent[], replays: readonly Replay[]): void {
    this.#first = first.toReversed();
    this.#replays = replays.length === 0 ? NO_REPLAYS : [...replays];
  }

  /** False when there is no room for it. */
  push(delivery: Delivery): boolean {
    return this.#queue.push(delivery);
  }

  take(): LiveEvent | undefined {
    // The usual case: nothing is replayed any more.
    if (this.#isCaughtUp) return this.#queue.shift()?.event;
    const first = this.#first?.pop();
    if (first !== undefined) return first;
    this.#isReplaysTurn = !this.#isReplaysTurn;
    return this.#isReplaysTurn
      ? (this.#fromReplays() ?? this.#queue.shift()?.event)
      : (this.#queue.shift()?.event ?? this.#fromReplays());
  }

  /** Drops what waits of a channel, and its replay. */
  purge(channelId: string): void {
    this.#queue.purge(channelId);
    // That the channel is detached is told all the same.
    this.#first =
      this.#first?.filter((e) => e.channelId !== channelId || e.type === 'ChannelDetached') ?? null;
    for (const replay of this.#replays) if (replay.channelId === channelId) replay.end();
    this.#replays = this.#replays.filter((replay) => replay.channelId !== channelId);
  }

  /** Nothing that waits says any more what a deleted message had said. */
  erase(erasure: Erasure): void {
    this.#queue.erase(erasure);
    for (const replay of this.#replays) {
      if (replay.channelId === erasure.channelId) replay.erase(erasure.deletion);
    }
  }

  end(): void {
    this.#queue.clear();
    this.#first = null;
    const replays = this.#replays;
    this.#replays = NO_REPLAYS;
    for (const replay of replays) replay.end();
  }

  #fromReplays(): LiveEvent | undefined {
    for (const replay of this.#replays.slice(0, this.#options.bounds.replaysAtOnce)) {
      const step = replay.next();
      if (step === 'READING') continue;
      if (step !== 'DONE') return step;
      this.#replays = this.#replays.filter((other) => other !== replay);
      return replay.caughtUp(this.#options.goLive(replay));
    }
    if (this.#replays.length > 0 || this.#isCaughtUp) return undefined;
    this.#isCaughtUp = true;
    this.#first = null;
    return CAUGHT_UP;
  }
}
