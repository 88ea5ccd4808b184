/** One listener's place at a channel of the hub. */
import type { ChannelKey } from '../../chat/log/port.ts';
import type { HubListener } from './channel.ts';
import type { Chunks } from './chunks.ts';
import type { Entry } from './entry.ts';
import type { Position } from './position.ts';
import type { Recent } from './recent.ts';
import type { SharedEvents } from './shared-events.ts';

export class Attachment {
  readonly #entry: Entry;
  readonly #listener: HubListener;
  readonly #discard: (entry: Entry) => void;

  constructor(entry: Entry, listener: HubListener, discard: (entry: Entry) => void) {
    this.#entry = entry;
    this.#listener = listener;
    this.#discard = discard;
    entry.channel.add(listener);
  }

  get key(): ChannelKey {
    return this.#entry.channel.key;
  }

  /** Resolves when the channel's place is known; rejects with what the logs threw: then attach again. */
  get opened(): Promise<void> {
    return this.#entry.opened;
  }

  /** For a replay of the channel: reads shared with others, and what was handed on lately. */
  get chunks(): Chunks {
    return this.#entry.channel.chunks;
  }

  get events(): SharedEvents {
    return this.#entry.channel.events;
  }

  get recent(): Recent {
    return this.#entry.channel.recent;
  }

  /** What has been handed on; null until opened. */
  position(): Position | null {
    return this.#entry.channel.position;
  }

  detach(): void {
    const { channel } = this.#entry;
    channel.remove(this.#listener);
    if (!channel.hasListeners) this.#discard(this.#entry);
  }
}
