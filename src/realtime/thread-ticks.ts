/**
 * Passes on that something was said in a thread: at once, then at most once in a while for each root, the last time
 * always. Each replica counts for itself, both what it tells others and what its own listeners hear; what is lost on
 * the bus is not told again, since the next reply, or the next look at the message, says the same.
 */
import type { ChannelKey } from '../chat/log/port.ts';
import { channelName } from './topic-names.ts';

interface Root {
  readonly channel: ChannelKey;
  readonly rootSeq: number;
  readonly timer: NodeJS.Timeout;
  /** It moved again since it was told. */
  isDue: boolean;
}

export interface ThreadTicksOptions {
  readonly everyMs: number;
  /** Roots told lately that are kept; beyond it the oldest is told before its time is over. */
  readonly most: number;
  readonly tell: (channel: ChannelKey, rootSeq: number) => void;
}

export class ThreadTicks {
  readonly #options: ThreadTicksOptions;
  /** Those told less than `everyMs` ago, the oldest first. */
  readonly #roots = new Map<string, Root>();
  #isClosed = false;

  constructor(options: ThreadTicksOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#roots.size;
  }

  moved(channel: ChannelKey, rootSeq: number): void {
    if (this.#isClosed) return;
    const name = `${channelName(channel)}:${rootSeq}`;
    const known = this.#roots.get(name);
    if (known !== undefined) {
      known.isDue = true;
      return;
    }
    if (this.#roots.size >= this.#options.most) this.#giveUpOldest();
    this.#tell(name, channel, rootSeq);
  }

  close(): void {
    this.#isClosed = true;
    for (const { timer } of this.#roots.values()) clearTimeout(timer);
    this.#roots.clear();
  }

  #tell(name: string, channel: ChannelKey, rootSeq: number): void {
    const timer = setTimeout(() => this.#again(name), this.#options.everyMs);
    timer.unref();
    this.#roots.set(name, { channel, rootSeq, timer, isDue: false });
    this.#options.tell(channel, rootSeq);
  }

  #again(name: string): void {
    const root = this.#roots.get(name);
    this.#roots.delete(name);
    if (root?.isDue === true) this.#tell(name, root.channel, root.rootSeq);
  }

  #giveUpOldest(): void {
    for (const [name, { channel, rootSeq, timer, isDue }] of this.#roots) {
      clearTimeout(timer);
      this.#roots.delete(name);
      if (isDue) this.#options.tell(channel, rootSeq);
      return;
    }
  }
}
