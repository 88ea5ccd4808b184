/**
 * The end of an edge, little by little: once the others know of it, its sockets are closed one after the other, evenly
 * over the rest of a time, so that whoever takes them over (and the stores, which are asked what each has missed) is not
 * met by all of them at once.
 */
import { type CloseReason, closeReasons } from './close-codes.ts';

const TICK_MS = 50;
/**
 * So long it takes until balancers have noticed, and the other servers, which answer `connectionEndpoint` from what they
 * asked a second ago, so that nobody is sent here any more.
 */
const NOTICE_MS = 2_000;
/** Of a short time only so much is waited for that. */
const NOTICE_PART = 1 / 4;

/** What is closed. */
export interface Drained {
  readonly isClosing: boolean;
  close(reason: CloseReason): void;
}

export interface DrainTimings {
  readonly tickMs: number;
  readonly noticeMs: number;
}

export class Drain {
  readonly #open: ReadonlyMap<Drained, unknown>;
  readonly #overMs: number;
  readonly #timings: DrainTimings;
  readonly #began = performance.now();
  readonly #done = Promise.withResolvers<void>();
  readonly #timer: NodeJS.Timeout;
  /** To be closed by now and not closed yet: a part of one, between ticks. */
  #owed = 0;

  /** Begins at once. @param open those that are open; gone ones are taken from it. */
  constructor(
    open: ReadonlyMap<Drained, unknown>,
    overMs: number,
    timings: DrainTimings = { tickMs: TICK_MS, noticeMs: NOTICE_MS },
  ) {
    this.#open = open;
    this.#overMs = overMs;
    this.#timings = timings;
    this.#timer = setInterval(() => this.#tick(), timings.tickMs);
  }

  /** Resolves when all were told to close, at the end of the time at the latest; or when it was stopped. */
  get done(): Promise<void> {
    return this.#done.promise;
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#done.resolve();
  }

  #tick(): void {
    const { tickMs, noticeMs } = this.#timings;
    const elapsedMs = performance.now() - this.#began;
    const leftMs = this.#overMs - elapsedMs;
    const isNoticed = elapsedMs >= Math.min(noticeMs, this.#overMs * NOTICE_PART);
    const waiting = [...this.#open.keys()].filter((socket) => !socket.isClosing);
    // Some leave by themselves meanwhile: what is left is spread anew over the time that is left.
    const isEnd = leftMs <= tickMs;
    if (isEnd) this.#owed += waiting.length;
    else if (isNoticed) this.#owed += (waiting.length * tickMs) / leftMs;
    const due = Math.floor(this.#owed);
    this.#owed -= due;
    for (const socket of waiting.slice(0, due)) socket.close(closeReasons.restarting);
    const isOver = isEnd || (this.#open.size === 0 && elapsedMs >= noticeMs);
    if (isOver) this.stop();
  }
}
