/** How a subscription begins: what is told first, and what is replayed, once all its channels are attached. */
import type { EventCursor } from '../../chat/cursors/cursor.ts';
import { limits } from '../../chat/limits.ts';
import type { LiveEvent } from '../../chat/live/port.ts';
import type { ChannelKey } from '../../chat/log/port.ts';
import type { Hub } from '../hub/hub.ts';
import { reaches } from '../hub/position.ts';
import type { Replayable } from './attached-channel.ts';
import type { AttachedChannels } from './attached-channels.ts';
import type { SessionOptions } from './options.ts';
import { Replay } from './replay.ts';

export interface OpeningOptions
  extends Pick<SessionOptions, 'viewer' | 'replayLimit' | 'timings' | 'bounds' | 'logger'> {
  readonly after: readonly EventCursor[];
  readonly hub: Hub;
  readonly channels: AttachedChannels;
  readonly epoch: number;
  readonly wake: () => void;
}

export class Opening {
  readonly #options: OpeningOptions;
  /** Channels whose cursor is of another numbering, or beyond the head. */
  readonly #resets = new Set<string>();

  constructor(options: OpeningOptions) {
    this.#options = options;
  }

  /**
   * Finds cursors that name what does not exist. What the hub has handed on may lag, so that only the logs can say
   * so; they are asked only about cursors ahead of the hub. Throws what the logs throw.
   */
  async lookForResets(): Promise<void> {
    const { after, epoch, hub, channels } = this.#options;
    const ahead: EventCursor[] = [];
    for (const cursor of after) {
      const place = channels.hub(cursor.channelId);
      if (place === null) continue;
      if (cursor.epoch !== epoch) this.#resets.add(cursor.channelId);
      else if (!reaches(place, cursor)) ahead.push(cursor);
    }
    const heads = await hub.heads(ahead.map((cursor) => this.#key(cursor.channelId)));
    for (const [i, cursor] of ahead.entries()) {
      const head = heads[i];
      if (head === undefined || !reaches(head, cursor)) this.#resets.add(cursor.channelId);
    }
  }

  /** Channels without a cursor go live at this moment; the others are the replays', in the order of their cursors. */
  begin(connectionId: string): { first: LiveEvent[]; replays: Replay[] } {
    const { after, channels } = this.#options;
    const cursors = new Set(after.map((cursor) => cursor.channelId));
    const positions = channels.ids().flatMap((channelId) => {
      const place = cursors.has(channelId) ? null : channels.hub(channelId);
      return place === null ? [] : [{ channelId, cursor: channels.goLive(channelId, place) }];
    });
    const first: LiveEvent[] = [{ type: 'Ready', channelId: null, cursor: null, connectionId }];
    for (let i = 0; i < positions.length; i += limits.positionsPerEvent) {
      const some = positions.slice(i, i + limits.positionsPerEvent);
      first.push({ type: 'Positions', channelId: null, cursor: null, positions: some });
    }
    const replays: Replay[] = [];
    for (const cursor of after) {
      const { channelId } = cursor;
      const channel = channels.replay(channelId);
      if (channel !== null) replays.push(this.#replay(cursor, channel));
      else {
        const reason = 'UNAVAILABLE';
        first.push({ type: 'ChannelDetached', channelId, cursor: null, membershipId: null, reason });
      }
    }
    return { first, replays };
  }

  #replay(from: EventCursor, { chunks, recent, events }: Replayable): Replay {
    const { channels, replayLimit: limit, timings, bounds, logger, wake } = this.#options;
    const { channelId } = from;
    return new Replay({
      key: this.#key(channelId),
      from,
      isReset: this.#resets.has(channelId),
      hub: () => channels.hub(channelId),
      cursorAt: (position) => channels.cursor(channelId, position),
      limit,
      chunks,
      recent,
      events,
      timings,
      bounds,
      logger,
      wake,
    });
  }

  #key(channelId: string): ChannelKey {
    return { organizationId: this.#options.viewer.tenant.organizationId, channelId };
  }
}
