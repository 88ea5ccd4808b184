/** Up to which rev this replica knows each channel's changes to be projected; the channels not used lately are forgotten. */
import type { ChannelKey } from '../log/port.ts';

/** Some ten megabytes. What is forgotten is read from the store again. */
const CHANNELS = 50_000;

const nameOf = ({ organizationId, channelId }: ChannelKey): string => `${organizationId}/${channelId}`;

export class KnownRevs {
  readonly #most: number;
  /** Least recently used first. */
  readonly #revs = new Map<string, number>();

  constructor(most = CHANNELS) {
    this.#most = most;
  }

  get size(): number {
    return this.#revs.size;
  }

  /** 0 when nothing is known. */
  of(channel: ChannelKey): number {
    const name = nameOf(channel);
    const rev = this.#revs.get(name);
    if (rev === undefined) return 0;
    this.#revs.delete(name);
    this.#revs.set(name, rev);
    return rev;
  }

  /** Never moves back. */
  note(channel: ChannelKey, rev: number): void {
    const name = nameOf(channel);
    const known = this.#revs.get(name) ?? 0;
    this.#revs.delete(name);
    this.#revs.set(name, Math.max(known, rev));
    if (this.#revs.size <= this.#most) return;
    for (const oldest of this.#revs.keys()) {
      this.#revs.delete(oldest);
      break;
    }
  }

  clear(): void {
    this.#revs.clear();
  }

  forget(channel: ChannelKey): void {
    this.#revs.delete(nameOf(channel));
  }
}
