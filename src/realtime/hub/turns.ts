/**
 * What repairs hand on in one turn of the loop, over all channels: about what a socket is written in one. A chunk of long
 * messages handed on at once would overflow the queues of everybody who listens, as if none of them kept up.
 */
const MOST_BYTES = 32 * 1024;

export class Turns {
  #bytes = 0;
  #next: Promise<void> | null = null;

  /** Null: it may be handed on now, and counts. Otherwise to be asked again in the next turn, when this resolves. */
  take(bytes: number): Promise<void> | null {
    this.#next ??= new Promise((resolve) => {
      setImmediate(() => {
        this.#bytes = 0;
        this.#next = null;
        resolve();
      });
    });
    if (this.#bytes >= MOST_BYTES) return this.#next;
    this.#bytes += bytes;
    return null;
  }
}
