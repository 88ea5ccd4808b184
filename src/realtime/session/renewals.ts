/**
 * Channels that begin anew after a restore: let go at once, since nothing of the old numbering may follow, and told
 * with their new places once Postgres has said that they may still be read and the hub has found their ends.
 */

import { SMALL } from '../hub/event.ts';
import type { AttachedChannels } from './attached-channels.ts';
import type { Feed } from './feed.ts';

export class Renewals {
  readonly #channels: AttachedChannels;
  readonly #feed: Feed;
  /** True for one that was being replayed. Null before the first restore: few subscriptions live to see one. */
  #waiting: Map<string, boolean> | null = null;

  constructor(channels: AttachedChannels, feed: Feed) {
    this.#channels = channels;
    this.#feed = feed;
  }

  /** Lets go of all channels. */
  letGo(): void {
    this.#waiting ??= new Map();
    for (const id of this.#channels.ids()) {
      this.#waiting.set(id, !this.#channels.isLive(id));
      this.#channels.detach(id);
      this.#feed.purge(id);
    }
  }

  ids(): readonly string[] {
    return [...(this.#waiting?.keys() ?? [])];
  }

  has(channelId: string): boolean {
    return this.#waiting?.has(channelId) ?? false;
  }

  /** It is not to begin any more. False when it was not to. */
  drop(channelId: string): boolean {
    return this.#waiting?.delete(channelId) ?? false;
  }

  /** Tells of channels that are attached again; passes over what was cut or ended meanwhile, or restored once more. */
  begin(channelIds: readonly string[]): void {
    for (const channelId of channelIds) {
      const place = this.#channels.hub(channelId);
      const wasReplayed = this.#waiting?.get(channelId);
      if (place === null || wasReplayed === undefined) continue;
      this.#waiting?.delete(channelId);
      const cursor = this.#channels.goLive(channelId, place);
      this.#feed.push({ type: 'PositionReset', channelId, cursor }, SMALL);
      if (wasReplayed) this.#feed.push({ type: 'CaughtUp', channelId, cursor }, SMALL);
    }
  }
}
