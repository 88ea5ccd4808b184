/**
 * One at a time for each name, and those who come meanwhile share the next turn. It begins after they came, so it sees
 * whatever was committed before; and fifty people who join a channel at once cost two turns, not fifty that all
 * announce the same rows.
 */

/** @typeParam T what a turn gives; all turns of one name do the same work. */
export class Turns<T> {
  /** Bounded by the calls that wait: a turn's name is forgotten when it ends. */
  readonly #running = new Map<string, Promise<T>>();
  readonly #next = new Map<string, Promise<T>>();

  /** A turn that begins now or later. Fails as the work fails, without harm to the turns after it. */
  take(name: string, work: () => Promise<T>): Promise<T> {
    const next = this.#next.get(name);
    if (next !== undefined) return next;
    const running = this.#running.get(name);
    if (running === undefined) return this.#begin(name, work);
    const begin = (): Promise<T> => {
      this.#next.delete(name);
      return this.#begin(name, work);
    };
    const later = running.then(begin, begin);
    this.#next.set(name, later);
    return later;
  }

  #begin(name: string, work: () => Promise<T>): Promise<T> {
    const running = work().finally(() => this.#running.delete(name));
    this.#running.set(name, running);
    return running;
  }
}
