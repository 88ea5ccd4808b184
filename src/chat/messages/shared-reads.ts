/**
 * Reads that are the same at the same moment are made once: when a message brings a hundred viewers to open a
 * channel, they share one read of its newest page. Nothing outlives the read, so nothing goes stale, and an error is
 * that of those who waited for it.
 */
export class SharedReads<T> {
  readonly #underWay = new Map<string, Promise<T>>();

  /**
   * @param key says all that the answer depends on, the organization first; whoever asks has been checked already.
   */
  read(key: string, read: () => Promise<T>): Promise<T> {
    const same = this.#underWay.get(key);
    if (same !== undefined) return same;
    const reading = read().finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, reading);
    return reading;
  }
}
