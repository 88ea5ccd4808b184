/** Events given out one by one: of which channels there may be some on their way to a socket. */
export class HandedOut {
  /** Channels of the events given since the consumer asked last. */
  #channels = new Set<string>();
  /** Those of them of which nothing may be written any more. */
  #withdrawn = new Set<string>();
  #taken = Promise.withResolvers<void>();

  note(channelId: string): void {
    this.#channels.add(channelId);
  }

  /** The consumer has dealt with all of them. */
  settle(): void {
    if (this.#channels.size === 0) return;
    this.#channels = new Set();
    this.#withdrawn = new Set();
    this.#taken.resolve();
    this.#taken = Promise.withResolvers();
  }

  withdraw(channelId: string): void {
    if (this.#channels.has(channelId)) this.#withdrawn.add(channelId);
  }

  withdrawAll(): void {
    this.#withdrawn = new Set(this.#channels);
  }

  isWithdrawn(channelId: string): boolean {
    return this.#withdrawn.has(channelId);
  }

  /** Resolves when none of the channel is being dealt with any more. */
  async settled(channelId: string): Promise<void> {
    if (this.#channels.has(channelId)) await this.#taken.promise;
  }
}
