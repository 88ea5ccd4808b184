/**
 * Writing beneath ws, past its `send`: the only place that leans on how ws works inside. What it takes for granted,
 * and what raw-socket.test.ts asks of the installed version:
 * - the socket that was upgraded is the one that ws writes to, itself, at once and a whole frame at a time (pings,
 *   pongs, the close), since without compression its sender never queues;
 * - whoever writes whole frames to that socket while ws is OPEN and before it is told to close breaks none of them.
 */
import type { Duplex } from 'node:stream';
import { WebSocket } from 'ws';

export class RawSocket {
  readonly #ws: WebSocket;
  readonly #raw: Duplex;

  /** @param raw the socket whose upgrade made `ws`. */
  constructor(ws: WebSocket, raw: Duplex) {
    this.#ws = ws;
    this.#raw = raw;
  }

  /** False from the first close frame on, whoever sent it: nothing may follow it. */
  get isOpen(): boolean {
    return this.#ws.readyState === WebSocket.OPEN && !this.#raw.destroyed;
  }

  /** Bytes that the system has not taken yet; 0 right after a write that it took whole. */
  get waitingBytes(): number {
    return this.#raw.writableLength;
  }

  /** Whole frames, one character a byte, in one system call where the system takes them. */
  write(frames: string): void {
    this.#raw.write(frames, 'latin1');
  }

  /**
   * Calls back once all that was written so far is with the system, or lost with the socket. An empty write that
   * waits in line: a callback on every write would cost each of them, and `drain` is not told of small ones.
   */
  whenWritten(listener: () => void): void {
    this.#raw.write('', 'latin1', listener);
  }
}
