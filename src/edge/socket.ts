/**
 * One WebSocket, written to under a bound and listened to for signs of life. The first reason to close wins; a
 * socket that does not close in time is cut.
 */
import type { RawData, WebSocket } from 'ws';
import type { Logger } from '../chat/logger.ts';
import { type CloseReason, closeReasons } from './close-codes.ts';

export interface SocketTimings {
  /** Between two pings; a socket that was silent for as long after a ping is cut. */
  readonly pingMs: number;
  /** How long a closing handshake may take. */
  readonly closeMs: number;
}

export interface SocketBounds {
  /** Whoever writes waits for the socket to drain while more bytes than this wait. */
  readonly paceBytes: number;
  /** More bytes than this waiting when something is to be written: the client is too slow. */
  readonly maxBufferedBytes: number;
}

export const defaultTimings: SocketTimings = { pingMs: 15_000, closeMs: 5_000 };
export const defaultBounds: SocketBounds = { paceBytes: 256 * 1024, maxBufferedBytes: 4 * 1024 * 1024 };

export class EdgeSocket {
  readonly #ws: WebSocket;
  readonly #timings: SocketTimings;
  readonly #bounds: SocketBounds;
  readonly #pinging: NodeJS.Timeout;
  #cutting: NodeJS.Timeout | undefined;
  /** Settles when the connection is gone. */
  readonly closed: Promise<void>;
  readonly #enders: ((reason: CloseReason) => void)[] = [];
  #isClosing = false;
  #isAlive = true;

  constructor(ws: WebSocket, logger: Logger, timings = defaultTimings, bounds = defaultBounds) {
    this.#ws = ws;
    this.#timings = timings;
    this.#bounds = bounds;
    this.#pinging = setInterval(() => this.#ping(), timings.pingMs);
    const alive = () => {
      this.#isAlive = true;
    };
    ws.on('pong', alive);
    ws.on('message', alive);
    // Frames that break the protocol or its size end the socket by ws itself (1002, 1007, 1009).
    ws.on('error', (error) => logger.debug({ err: error }, 'a socket broke'));
    const { promise, resolve } = Promise.withResolvers<void>();
    this.closed = promise;
    ws.once('close', (code, reason) => {
      clearTimeout(this.#cutting);
      this.#end({ code, reason: reason.toString() });
      resolve();
    });
  }

  get protocol(): string {
    return this.#ws.protocol;
  }

  /** True once it was told to close, or has closed. */
  get isClosing(): boolean {
    return this.#isClosing;
  }

  /** True while what was written waits for the client. */
  get isCongested(): boolean {
    return this.#ws.bufferedAmount > 0;
  }

  /** Writes a frame; resolves at once while little waits, else when it has drained. Never rejects. */
  send(frame: string): Promise<void> {
    if (this.#isClosing) return Promise.resolve();
    if (this.#ws.bufferedAmount > this.#bounds.maxBufferedBytes) {
      this.close(closeReasons.slowConsumer);
      return Promise.resolve();
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    // An error here is followed by the socket's end, which ends whoever writes.
    this.#ws.send(frame, () => resolve());
    return this.#ws.bufferedAmount > this.#bounds.paceBytes ? promise : Promise.resolve();
  }

  onText(listener: (text: string) => void): void {
    this.#ws.on('message', (data: RawData) => listener(data.toString()));
  }

  /** Called once, as soon as nothing more is to be sent: told to close, or gone. */
  onEnd(listener: (reason: CloseReason) => void): void {
    this.#enders.push(listener);
  }

  close(reason: CloseReason): void {
    if (this.#isClosing) return;
    this.#ws.close(reason.code, reason.reason);
    this.#cutting = setTimeout(() => this.#ws.terminate(), this.#timings.closeMs);
    this.#end(reason);
  }

  #end(reason: CloseReason): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    clearInterval(this.#pinging);
    for (const ender of this.#enders) ender(reason);
  }

  #ping(): void {
    if (this.#isClosing) return;
    if (!this.#isAlive) {
      if (this.isCongested) this.close(closeReasons.slowConsumer);
      else this.#ws.terminate();
      return;
    }
    this.#isAlive = false;
    this.#ws.ping();
  }
}
