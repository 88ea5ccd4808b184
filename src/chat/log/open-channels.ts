/**
 * The channels whose end this replica keeps in memory: those used lately, up to a bound. A channel that is closed is
 * only forgotten; its next send finds the end of its log again, in two calls to the store.
 */
import type { ChannelAppender } from './channel-appender.ts';
import { queueFull } from './failures.ts';
import type { ChannelKey } from './port.ts';

export class OpenChannels<Entry> {
  /** Least recently used first. */
  readonly #appenders = new Map<string, ChannelAppender<Entry>>();
  readonly #most: number;
  readonly #make: (channel: ChannelKey) => ChannelAppender<Entry>;

  constructor(most: number, make: (channel: ChannelKey) => ChannelAppender<Entry>) {
    this.#most = most;
    this.#make = make;
  }

  get size(): number {
    return this.#appenders.size;
  }

  /** Opens the channel if it is not; then another may be closed for it. Throws RATE_LIMITED when all are at work. */
  use(channel: ChannelKey): ChannelAppender<Entry> {
    const key = keyOf(channel);
    const open = this.#appenders.get(key);
    if (open !== undefined) this.#appenders.delete(key);
    else if (this.#appenders.size >= this.#most) this.#closeOne();
    const appender = open ?? this.#make(channel);
    this.#appenders.set(key, appender);
    return appender;
  }

  /** The channel if it is open; that does not count as use. */
  find(channel: ChannelKey): ChannelAppender<Entry> | undefined {
    return this.#appenders.get(keyOf(channel));
  }

  /** After a restore from backup every log may end elsewhere. */
  forgetHeads(): void {
    for (const [key, appender] of this.#appenders) {
      appender.forgetHead();
      if (appender.isIdle) this.#appenders.delete(key);
    }
  }

  /** Settles once nothing is under way. */
  async whenIdle(): Promise<void> {
    await Promise.all([...this.#appenders.values()].map((appender) => appender.whenIdle()));
  }

  /** The one used least recently; never one with sends under way, whose conditions rest on what it knows. */
  #closeOne(): void {
    for (const [key, appender] of this.#appenders) {
      if (!appender.isIdle) continue;
      this.#appenders.delete(key);
      appender.forgetHead();
      return;
    }
    throw queueFull();
  }
}

const keyOf = ({ organizationId, channelId }: ChannelKey): string => `${organizationId}/${channelId}`;
