/**
 * The end of a subscription that its consumer holds: a plain iterator, so that `return` finishes at once while a
 * `next` waits. It gives what comes first, then live events and replays by turns, each only when asked.
 */
import { type LiveEvent, SlowConsumer } from '../../chat/live/port.ts';
import type { ChangeEntry } from '../../chat/log/entries.ts';
import type { LogRow } from '../../chat/log/port.ts';
import { withoutDeleted } from '../hub/merged-reader.ts';
import type { Bounds } from '../timings.ts';
import { EventQueue } from './event-queue.ts';
import type { Replay } from './replay.ts';

type Result = IteratorResult<LiveEvent, undefined>;
const DONE: Result = { value: undefined, done: true };

export interface FeedOptions {
  readonly bounds: Bounds;
  /** A replay has given all: the channel goes live now. Returns where it stands, as a cursor. */
  readonly goLive: (replay: Replay) => string;
  readonly onEnd: () => void;
}

export class Feed implements AsyncIterableIterator<LiveEvent, undefined> {
  readonly #options: FeedOptions;
  readonly #queue: EventQueue;
  readonly #waiters: { resolve: (result: Result) => void; reject: (error: unknown) => void }[] = [];
  #first: LiveEvent[] = [];
  #replays: Replay[] = [];
  #isReplaysTurn = true;
  #isCaughtUp = false;
  #isFinishing = false;
  #isEnded = false;
  #error: Error | null = null;
  /** Channels of the events handed out since `next` was called last: they may be on their way to a socket. */
  #handedOut = new Set<string>();
  #taken = Promise.withResolvers<void>();

  constructor(options: FeedOptions) {
    this.#options = options;
    this.#queue = new EventQueue(options.bounds);
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** What waits to be taken, in events and bytes. */
  get waiting(): { readonly events: number; readonly bytes: number } {
    return { events: this.#queue.length, bytes: this.#queue.bytes };
  }

  /** `first` comes before everything else; the replays are begun in their order. */
  begin(first: LiveEvent[], replays: Replay[]): void {
    this.#first = first;
    this.#replays = replays;
    this.#pump();
  }

  /** A live event. Ends the subscription when too much waits. */
  push(event: LiveEvent, bytes: number): void {
    if (this.#isEnded) return;
    if (!this.#queue.push(event, bytes)) this.end(new SlowConsumer('The subscriber does not keep up.'));
    this.#pump();
  }

  /** Drops what waits of a channel, and its replay. */
  purge(channelId: string): void {
    this.#queue.purge(channelId);
    for (const replay of this.#replays) if (replay.channelId === channelId) replay.end();
    this.#replays = this.#replays.filter((replay) => replay.channelId !== channelId);
  }

  /** A message was deleted: nothing that waits says any more what it had said. */
  erase(channelId: string, deletion: LogRow<ChangeEntry>): void {
    this.#queue.replace((event) =>
      event.type === 'MessagePosted' && event.channelId === channelId
        ? { ...event, row: withoutDeleted(event.row, deletion) }
        : event,
    );
    for (const replay of this.#replays) if (replay.channelId === channelId) replay.erase(deletion);
  }

  /** Resolves when no event of the channel that was handed out before is still being dealt with. */
  async settled(channelId: string): Promise<void> {
    if (this.#handedOut.has(channelId)) await this.#taken.promise;
  }

  /** Ends once what waits has been taken. */
  finish(): void {
    this.#isFinishing = true;
    this.#pump();
  }

  /** Ends now; the consumer is told the error, if there is one, at its next `next`. */
  end(error?: Error): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#queue.clear();
    this.#first = [];
    for (const replay of this.#replays.splice(0)) replay.end();
    const waiters = this.#waiters.splice(0);
    if (error !== undefined) {
      const told = waiters.shift();
      if (told === undefined) this.#error = error;
      else told.reject(error);
    }
    for (const { resolve } of waiters) resolve(DONE);
    this.#options.onEnd();
  }

  readonly wake = (): void => this.#pump();

  next(): Promise<Result> {
    // Whoever asks for the next event has dealt with the one before.
    this.#settle();
    if (this.#error !== null) {
      const error = this.#error;
      this.#error = null;
      return Promise.reject(error);
    }
    if (this.#isEnded) return Promise.resolve(DONE);
    const { promise, ...waiter } = Promise.withResolvers<Result>();
    this.#waiters.push(waiter);
    this.#pump();
    return promise;
  }

  return(): Promise<Result> {
    this.#settle();
    this.#error = null;
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

  #pump(): void {
    while (this.#waiters.length > 0) {
      const event = this.#take();
      if (event === undefined) break;
      if (event.channelId !== null) this.#handedOut.add(event.channelId);
      this.#waiters.shift()?.resolve({ value: event, done: false });
    }
    if (this.#isFinishing && this.#waiters.length > 0) this.end();
  }

  #take(): LiveEvent | undefined {
    const first = this.#first.shift();
    if (first !== undefined) return first;
    this.#isReplaysTurn = !this.#isReplaysTurn;
    return this.#isReplaysTurn
      ? (this.#fromReplays() ?? this.#queue.shift())
      : (this.#queue.shift() ?? this.#fromReplays());
  }

  #fromReplays(): LiveEvent | undefined {
    for (const replay of this.#replays.slice(0, this.#options.bounds.replaysAtOnce)) {
      const step = replay.next();
      if (step === 'READING') continue;
      if (step !== 'DONE') return step;
      this.#replays.splice(this.#replays.indexOf(replay), 1);
      return { type: 'CaughtUp', channelId: replay.channelId, cursor: this.#options.goLive(replay) };
    }
    if (this.#replays.length > 0 || this.#isCaughtUp) return undefined;
    this.#isCaughtUp = true;
    return { type: 'CaughtUp', channelId: null, cursor: null };
  }

  #settle(): void {
    if (this.#handedOut.size === 0) return;
    this.#handedOut = new Set();
    this.#taken.resolve();
    this.#taken = Promise.withResolvers();
  }
}
