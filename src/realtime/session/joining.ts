/**
 * Channels that a running subscription comes into: signals that are kept of them are given first, as to whoever
 * subscribes. Those that come live meanwhile wait, or a client would take an old signal for the newest.
 */
import type { ChannelKey } from '../../chat/log/port.ts';
import type { Delivery } from '../hub/delivery.ts';
import type { Erasure } from '../hub/erasure.ts';
import { SMALL } from '../hub/event.ts';
import type { Retained } from '../retained.ts';
import type { Sink } from './attached-channel.ts';
import type { AttachedChannels } from './attached-channels.ts';
import type { Feed } from './feed.ts';

/** What comes live while kept signals are read, for some tenths of a second at most; of more the oldest go. */
const MOST_HELD = 200;

export interface JoiningOptions {
  readonly channels: Pick<AttachedChannels, 'goesTo'>;
  readonly feed: Feed;
  readonly retained: Pick<Retained, 'eventsOf'> | undefined;
}

export class Joining {
  readonly #options: JoiningOptions;
  /** Ends what is waited for; made with the first channel. */
  #end: AbortController | null = null;

  constructor(options: JoiningOptions) {
    this.#options = options;
  }

  /** Where events of channels that are about to be attached go, until `give`. */
  sink(): HeldSignals {
    return new HeldSignals(this.#options.feed);
  }

  /** Gives what is kept of these channels, then what came live meanwhile, and from then on everything at once. Never rejects. */
  async give(channels: readonly ChannelKey[], sink: HeldSignals): Promise<void> {
    const { channels: attached, feed, retained } = this.#options;
    this.#end ??= new AbortController();
    const isThere = (channelId: string | null): boolean =>
      channelId !== null && attached.goesTo(sink, channelId);
    const kept = (await retained?.eventsOf(channels, this.#end.signal)) ?? [];
    // Cut meanwhile: nothing more of it. If it was joined again, whoever did that gives what is kept by then.
    for (const event of kept) if (isThere(event.channelId)) feed.push(event, SMALL);
    sink.release(({ event }) => isThere(event.channelId));
  }

  stop(): void {
    this.#end?.abort();
  }
}

export class HeldSignals implements Sink {
  readonly #feed: Feed;
  #held: Delivery[] | null = [];

  constructor(feed: Feed) {
    this.#feed = feed;
  }

  deliver(delivery: Delivery): void {
    if (this.#held === null || !delivery.isEphemeral) {
      this.#feed.deliver(delivery);
      return;
    }
    if (this.#held.length >= MOST_HELD) this.#held.shift();
    this.#held.push(delivery);
  }

  erase(erasure: Erasure): void {
    this.#feed.erase(erasure);
  }

  wake(): void {
    this.#feed.wake();
  }

  broken(why: string): void {
    this.#feed.broken(why);
  }

  /** Passes on what waits and is still wanted; nothing waits any more. */
  release(isWanted: (delivery: Delivery) => boolean): void {
    const held = this.#held ?? [];
    this.#held = null;
    for (const delivery of held) if (isWanted(delivery)) this.#feed.deliver(delivery);
  }
}
