/**
 * Pings every socket once a turn, a part of them at each tick: one timer for all of them, and no moment at which all
 * are pinged at once.
 */
const TICKS_A_TURN = 16;

export interface Pinged {
  ping(): void;
}

export class PingWheel {
  readonly #slots = Array.from({ length: TICKS_A_TURN }, () => new Set<Pinged>());
  readonly #timer: NodeJS.Timeout;
  #at = 0;

  /** @param turnMs between two pings of one socket. */
  constructor(turnMs: number) {
    this.#timer = setInterval(() => this.#tick(), turnMs / TICKS_A_TURN);
  }

  /** First pinged after a whole turn. Returns what takes it off again. */
  join(socket: Pinged): () => void {
    const slot = this.#slots[this.#at];
    slot?.add(socket);
    return () => slot?.delete(socket);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    this.#at = (this.#at + 1) % TICKS_A_TURN;
    for (const socket of this.#slots[this.#at] ?? []) socket.ping();
  }
}
