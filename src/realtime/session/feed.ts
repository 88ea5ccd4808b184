/**
 * The end of a subscription that its consumer holds: a plain iterator, so that `return` finishes at once while a
 * `next` waits; or, for a consumer that takes by itself, no promise at all.
 */
import {
  type EventFeed,
  type FeedConsumer,
  type LiveEvent,
  ResumeRequired,
  SlowConsumer,
} from '../../chat/live/port.ts';
import { type Delivery, deliveryOf } from '../hub/delivery.ts';
import type { Erasure } from '../hub/erasure.ts';
import type { Bounds } from '../timings.ts';
import type { Sink } from './attached-channel.ts';
import { HandedOut } from './handed-out.ts';
import { Offer } from './offer.ts';
import type { Replay } from './replay.ts';
import type { Cuttable, SocketRoom } from './socket-room.ts';

type Result = IteratorResult<LiveEvent, undefined>;
interface Waiter {
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

const DONE: Result = { value: undefined, done: true };

export interface FeedOptions {
  /** Whether events may be given now to who asks for them one by one; a consumer's own end asks by itself. */
  readonly isOpen?: () => boolean;
  readonly bounds: Bounds;
  /** Of the socket, which this subscription shares with others. */
  readonly room: SocketRoom;
  /** A replay has given all: the channel goes live now. Returns where it stands, as a cursor. */
  readonly goLive: (replay: Replay) => string;
  readonly onEnd: () => void;
}

export class Feed implements EventFeed<LiveEvent>, Cuttable, Sink {
  readonly #options: FeedOptions;
  readonly #offer: Offer;
  /** Made with the first `next`. */
  #waiters: Waiter[] | null = null;
  /** Of a consumer that asks for one event after the other; made with the first that it is given. */
  #handedOut: HandedOut | null = null;
  #consumer: FeedConsumer | null = null;
  #isFinishing = false;
  #isEnded = false;
  #error: Error | null = null;

  constructor(options: FeedOptions) {
    this.#options = options;
    this.#offer = new Offer(options);
    options.room.join(this);
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** What waits to be taken, in events and bytes. */
  get waiting(): { readonly events: number; readonly bytes: number } {
    return this.#offer.waiting;
  }

  /** `first` comes before everything else; the replays are begun in their order. */
  begin(first: readonly LiveEvent[], replays: readonly Replay[]): void {
    this.#offer.begin(first, replays);
    this.#tell();
  }

  /** An event of this subscription alone. Ends it when too much waits. */
  push(event: LiveEvent, bytes: number): void {
    this.deliver(deliveryOf(event, bytes));
  }

  /** A live event. Ends all subscriptions of the socket when too much waits for it. */
  deliver(delivery: Delivery): void {
    if (this.#isEnded) return;
    if (this.#offer.push(delivery)) this.#tell();
    else this.#options.room.cut();
  }

  /** The hub cannot go on: the client has to come back. */
  broken(why: string): void {
    this.end(new ResumeRequired(why));
  }

  tooSlow(): void {
    this.end(new SlowConsumer('The subscriber does not keep up.'));
  }

  /** Drops what waits of a channel, and its replay. */
  purge(channelId: string): void {
    this.#offer.purge(channelId);
    this.#consumer?.purge(channelId);
    this.#handedOut?.withdraw(channelId);
  }

  /** A message was deleted: nothing that waits says any more what it had said. */
  erase(erasure: Erasure): void {
    this.#offer.erase(erasure);
  }

  /**
   * Resolves when no event of the channel that was handed out before is still being dealt with. A consumer that takes
   * by itself has dropped those when it was told of the purge.
   */
  async settled(channelId: string): Promise<void> {
    if (this.#consumer === null) await this.#handedOut?.settled(channelId);
  }

  /** Ends once what waits has been taken. */
  finish(): void {
    this.#isFinishing = true;
    this.#tell();
  }

  /** Ends now; the consumer is told the error, if there is one, at once or at its next `next`. */
  end(error?: Error): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    if (error !== undefined) this.#handedOut?.withdrawAll();
    this.#offer.end();
    this.#options.room.leave(this);
    this.#tellOfEnd(error ?? null);
    this.#options.onEnd();
  }

  wake(): void {
    this.#tell();
  }

  /** It is told at once of what waits already, and of an end that came before it. Not told of an end by `return`. */
  consume(consumer: FeedConsumer): void {
    if (this.#consumer !== null) throw new Error('A subscription has one consumer.');
    this.#consumer = consumer;
    if (!this.#isEnded) consumer.readable();
    else this.#tellOfEnd(this.#error);
  }

  take(): LiveEvent | undefined {
    if (this.#isEnded) return undefined;
    const event = this.#offer.take();
    if (event === undefined && this.#isFinishing) this.end();
    return event;
  }

  next(): Promise<Result> {
    // Whoever asks for the next event has dealt with the one before.
    this.#handedOut?.settle();
    if (this.#error !== null) {
      const error = this.#error;
      this.#error = null;
      return Promise.reject(error);
    }
    if (this.#isEnded) return Promise.resolve(DONE);
    const { promise, ...waiter } = Promise.withResolvers<Result>();
    this.#waiters ??= [];
    this.#waiters.push(waiter);
    this.#answer();
    return promise;
  }

  mayWrite({ channelId }: LiveEvent): boolean {
    const isWithdrawn = channelId !== null && this.#handedOut?.isWithdrawn(channelId) === true;
    this.#handedOut?.settle();
    return !isWithdrawn;
  }

  return(): Promise<Result> {
    this.#handedOut?.settle();
    this.#error = null;
    this.#consumer = null;
    this.end();
    return Promise.resolve(DONE);
  }

  throw(error: unknown): Promise<Result> {
    void this.return();
    return Promise.reject(error);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #tell(): void {
    if (this.#isEnded) return;
    if (this.#consumer !== null) this.#consumer.readable();
    else this.#answer();
  }

  #tellOfEnd(error: Error | null): void {
    if (this.#consumer !== null) {
      this.#consumer.ended(error);
      return;
    }
    const waiters = this.#waiters?.splice(0) ?? [];
    if (error !== null) {
      const told = waiters.shift();
      if (told === undefined) this.#error = error;
      else told.reject(error);
    }
    for (const { resolve } of waiters) resolve(DONE);
  }

  #answer(): void {
    const waiters = this.#waiters ?? [];
    while (waiters.length > 0) {
      if (this.#options.isOpen?.() === false) return;
      const event = this.#offer.take();
      if (event === undefined) break;
      if (event.channelId !== null) {
        this.#handedOut ??= new HandedOut();
        this.#handedOut.note(event.channelId);
      }
      waiters.shift()?.resolve({ value: event, done: false });
    }
    if (this.#isFinishing && waiters.length > 0) this.end();
  }
}
