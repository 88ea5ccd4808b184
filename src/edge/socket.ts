/**
 * One WebSocket, written to under a bound and listened to for signs of life. The first reason to close wins; a
 * socket that does not close in time is cut.
 */
import type { Duplex } from 'node:stream';
import type { RawData, WebSocket } from 'ws';
import { type CloseReason, closeReasons } from './close-codes.ts';
import type { Flusher } from './flusher.ts';
import { Outgoing } from './outgoing.ts';
import type { PingWheel } from './ping-wheel.ts';
import { RawSocket } from './raw-socket.ts';

export interface SocketTimings {
  /** Between two pings; a socket that was silent for as long after a ping is cut. */
  readonly pingMs: number;
  /** How long a closing handshake may take. */
  readonly closeMs: number;
}

export interface SocketBounds {
  /** More bytes of answers than this waiting when another is to be written: the client is too slow. */
  readonly maxBufferedBytes: number;
}

export const defaultTimings: SocketTimings = { pingMs: 15_000, closeMs: 5_000 };
export const defaultBounds: SocketBounds = { maxBufferedBytes: 4 * 1024 * 1024 };

/** What all sockets of an edge share. */
export interface SocketPorts {
  readonly flusher: Flusher;
  readonly pings: PingWheel;
  readonly timings: SocketTimings;
  readonly bounds: SocketBounds;
  readonly onBroken: (error: Error) => void;
  /** The connection is gone. */
  readonly onGone: (socket: EdgeSocket) => void;
}

export class EdgeSocket {
  readonly #ws: WebSocket;
  readonly #ports: SocketPorts;
  /** Events are written here; answers by `send`. */
  readonly outgoing: Outgoing;
  readonly #leaveWheel: () => void;
  /** Made for whoever waits for it: mostly the edge, when it closes. */
  #closed: PromiseWithResolvers<void> | null = null;
  #isGone = false;
  /** Replaced and never changed: as long as it must be. */
  #enders: readonly ((reason: CloseReason) => void)[] = [];
  #cutting: NodeJS.Timeout | undefined;
  #isClosing = false;
  #isAlive = true;

  /** @param raw the socket whose upgrade made `ws`. */
  constructor(ws: WebSocket, raw: Duplex, ports: SocketPorts) {
    this.#ws = ws;
    this.#ports = ports;
    this.outgoing = new Outgoing(new RawSocket(ws, raw), ports.flusher);
    this.#leaveWheel = ports.pings.join(this);
    ws.on('pong', () => {
      this.#isAlive = true;
    });
    // Frames that break the protocol or its size end the socket by ws itself (1002, 1007, 1009).
    ws.on('error', ports.onBroken);
    ws.on('close', (code, reason) => {
      clearTimeout(this.#cutting);
      this.#end({ code, reason: reason.toString() });
      this.#isGone = true;
      this.#closed?.resolve();
      ports.onGone(this);
    });
  }

  get protocol(): string {
    return this.#ws.protocol;
  }

  /** Settles when the connection is gone. */
  get closed(): Promise<void> {
    if (this.#isGone) return Promise.resolve();
    this.#closed ??= Promise.withResolvers();
    return this.#closed.promise;
  }

  /** True once it was told to close, or has closed. */
  get isClosing(): boolean {
    return this.#isClosing;
  }

  /** Writes an answer, at the end of this tick. */
  send(text: string): void {
    if (this.#isClosing) return;
    if (this.outgoing.answerBytes > this.#ports.bounds.maxBufferedBytes) {
      this.close(closeReasons.slowConsumer);
      return;
    }
    this.outgoing.answer(text);
  }

  /** Calls with each text; null for a frame that is none. */
  onText(listener: (text: string | null) => void): void {
    this.#ws.on('message', (data: RawData, isBinary) => {
      this.#isAlive = true;
      listener(isBinary ? null : data.toString());
    });
  }

  /** Called once, as soon as nothing more is to be sent: told to close, or gone. */
  onEnd(listener: (reason: CloseReason) => void): void {
    this.#enders = this.#enders.concat(listener);
  }

  /** What waits to be written goes first, unless the reason forbids it. */
  close(reason: CloseReason): void {
    if (this.#isClosing) return;
    this.outgoing.finish(reason.dropsWaiting !== true);
    this.#ws.close(reason.code, reason.reason);
    this.#cutting = setTimeout(() => this.#ws.terminate(), this.#ports.timings.closeMs);
    this.#end(reason);
  }

  /** Of the ping wheel: looks for a sign of life since the last ping, and asks for the next. */
  ping(): void {
    if (this.#isClosing) return;
    if (!this.#isAlive) {
      if (this.outgoing.waitingBytes > 0) this.close(closeReasons.slowConsumer);
      else this.#ws.terminate();
      return;
    }
    this.#isAlive = false;
    this.#ws.ping();
  }

  #end(reason: CloseReason): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.#leaveWheel();
    this.outgoing.finish(false);
    for (const ender of this.#enders) ender(reason);
  }
}
