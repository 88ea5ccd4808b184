/**
 * The channels of one subscription at the hub. One that is live passes its entries on as events; before that, while
 * it is opened or replayed, what the hub hands on is left to the replay to read.
 */
import { encodeEventCursor } from '../../chat/cursors/cursor.ts';
import type { HubListener } from '../hub/channel.ts';
import { type Delivery, deliveryOf } from '../hub/delivery.ts';
import type { Erasure } from '../hub/erasure.ts';
import { eventOf } from '../hub/event.ts';
import type { Handed } from '../hub/handed.ts';
import type { Attachment, Hub } from '../hub/hub.ts';
import { after, isSeen } from '../hub/item.ts';
import { isSame, type Position } from '../hub/position.ts';

interface AttachedChannel {
  readonly id: string;
  readonly attachment: Attachment;
  /** What this subscription was given; null until it is live. */
  given: Position | null;
  /** Set while it is replayed: what the hub hands on is remembered until this is called. */
  forget: (() => void) | null;
}

/** What a replay of a channel reads with. */
export type Replayable = Pick<Attachment, 'chunks' | 'recent'>;

export interface AttachedChannelsOptions {
  readonly hub: Hub;
  readonly organizationId: string;
  /** Whose subscription this is. */
  readonly userId: string;
  /** Of the numbering that places are of. */
  readonly epoch: () => number;
  readonly deliver: (delivery: Delivery) => void;
  /** A message of an attached channel was deleted, whatever of it waits or is being replayed. */
  readonly onDeleted: (erasure: Erasure) => void;
  /** The hub cannot go on. */
  readonly onBroken: (why: string) => void;
}

export class AttachedChannels {
  readonly #options: AttachedChannelsOptions;
  readonly #channels = new Map<string, AttachedChannel>();
  #isClosed = false;

  constructor(options: AttachedChannelsOptions) {
    this.#options = options;
  }

  ids(): readonly string[] {
    return [...this.#channels.keys()];
  }

  has(id: string): boolean {
    return this.#channels.has(id);
  }

  /** Resolves when the places of all are known. Throws what the logs throw; then none of these is attached. */
  async attach(ids: readonly string[]): Promise<void> {
    if (this.#isClosed) return;
    const { hub, organizationId, userId, deliver: give, onBroken: broken } = this.#options;
    const tell = (delivery: Delivery): void => {
      if (!isTypingOf(userId, delivery)) give(delivery);
    };
    const opened = ids.map((id) => {
      const listener: HubListener = { deliver: (handed) => this.#deliver(channel, handed), tell, broken };
      const attachment = hub.attach({ organizationId, channelId: id }, this.#options.epoch(), listener);
      const channel: AttachedChannel = { id, attachment, given: null, forget: null };
      this.#channels.set(id, channel);
      return attachment.opened;
    });
    try {
      await Promise.all(opened);
    } catch (error) {
      for (const id of ids) this.detach(id);
      throw error;
    }
  }

  /** False when it was not attached. */
  detach(id: string): boolean {
    const channel = this.#channels.get(id);
    if (channel === undefined) return false;
    endReplay(channel);
    channel.attachment.detach();
    return this.#channels.delete(id);
  }

  /** It is about to be replayed, until it goes live or is detached. Null when it is not attached. */
  replay(id: string): Replayable | null {
    const channel = this.#channels.get(id);
    if (channel === undefined) return null;
    channel.forget ??= channel.attachment.recent.use();
    return channel.attachment;
  }

  /** Detaches all, for good. */
  close(): void {
    this.#isClosed = true;
    for (const id of this.ids()) this.detach(id);
  }

  /** False while it is opened or replayed. */
  isLive(id: string): boolean {
    return (this.#channels.get(id)?.given ?? null) !== null;
  }

  /** What the hub has handed on of it; null when it is not attached. */
  hub(id: string): Position | null {
    return this.#channels.get(id)?.attachment.position() ?? null;
  }

  /** From this place on its entries are events. Returns the place as a cursor. */
  goLive(id: string, at: Position): string {
    const channel = this.#channels.get(id);
    if (channel !== undefined) {
      channel.given = sharedPlace(channel, at);
      endReplay(channel);
    }
    return this.cursor(id, at);
  }

  cursor(channelId: string, { seq, rev }: Position): string {
    return encodeEventCursor({ channelId, epoch: this.#options.epoch(), seq, rev });
  }

  #deliver(channel: AttachedChannel, handed: Handed): void {
    const { erasure, item } = handed;
    if (erasure !== null) this.#options.onDeleted(erasure);
    // While it is opened or replayed.
    if (channel.given === null) return;
    if (channel.given === handed.from && handed.epoch === this.#options.epoch()) {
      channel.given = handed.to;
      if (handed.delivery !== null) this.#options.deliver(handed.delivery);
    } else if (!isSeen(channel.given, item)) {
      this.#deliverOwn(channel, channel.given, handed);
    }
  }

  /** A replay had read ahead of the hub in one of the logs: the item's place is another one here. */
  #deliverOwn(channel: AttachedChannel, given: Position, { item, bytes }: Handed): void {
    channel.given = sharedPlace(channel, after(given, item));
    const place = { channelId: channel.id, cursor: this.cursor(channel.id, channel.given) };
    const event = eventOf(item, place);
    if (event !== null) this.#options.deliver(deliveryOf(event, bytes));
  }
}

/** Nobody is told that they are typing themselves, on another device either. */
const isTypingOf = (userId: string, { event }: Delivery): boolean =>
  event.type === 'TypingStarted' && event.userId === userId;

/** The hub's own object where it stands at this place: from then on its events are shared. */
function sharedPlace({ attachment }: AttachedChannel, at: Position): Position {
  const hub = attachment.position();
  return hub !== null && isSame(hub, at) ? hub : at;
}

function endReplay(channel: AttachedChannel): void {
  channel.forget?.();
  channel.forget = null;
}
