/**
 * Gathers the sockets that have something to write and lets each write once a tick: what came to a socket within the
 * tick goes out in one system call. Events go only while the delivery gate is open, which is asked for each socket
 * anew: a process may have been paused between two of them.
 */
import type { DeliveryGate } from '../chat/live/port.ts';
import { Heads } from './frame.ts';

/** A socket's outgoing side, as the flusher sees it. */
export interface Flushable {
  /** The tick has ended for which it was gathered. */
  due(): void;
  /** Writes what it may. */
  flush(): void;
}

export class Flusher {
  /** Of events whose frames are being made for many sockets now. */
  readonly heads = new Heads();
  readonly #gate: DeliveryGate;
  readonly #stopListening: () => void;
  #due: Flushable[] = [];
  /** Hold events, or asked for room, while the gate was closed. */
  readonly #held = new Set<Flushable>();
  #immediate: NodeJS.Immediate | undefined;

  constructor(gate: DeliveryGate) {
    this.#gate = gate;
    this.#stopListening = gate.onOpened(() => this.#release());
  }

  /** Whether events may go out at this very moment. */
  get isOpen(): boolean {
    return this.#gate.isOpen();
  }

  /** The socket flushes at the end of this tick. To be told once until then. */
  gather(socket: Flushable): void {
    this.#due.push(socket);
    this.#immediate ??= setImmediate(() => this.#flush());
  }

  /** The socket flushes when the gate opens. */
  hold(socket: Flushable): void {
    this.#held.add(socket);
  }

  forget(socket: Flushable): void {
    this.#held.delete(socket);
  }

  close(): void {
    this.#stopListening();
    this.#held.clear();
  }

  #flush(): void {
    const due = this.#due;
    this.#due = [];
    this.#immediate = undefined;
    for (const socket of due) socket.due();
    this.heads.clear();
  }

  #release(): void {
    const held = [...this.#held];
    this.#held.clear();
    for (const socket of held) socket.flush();
  }
}
