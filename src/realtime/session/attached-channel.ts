/**
 * One channel of one subscription at the hub. There are as many of these as subscribers times their channels, and each
 * delivery passes through one: so it is one object, and a delivery in step with the hub touches little of it.
 */
import { encodeEventCursor } from '../../chat/cursors/cursor.ts';
import type { Attachment } from '../hub/attachment.ts';
import type { HubListener } from '../hub/channel.ts';
import { type Delivery, deliveryOf } from '../hub/delivery.ts';
import type { Erasure } from '../hub/erasure.ts';
import { eventOf } from '../hub/event.ts';
import type { Handed } from '../hub/handed.ts';
import type { Hub } from '../hub/hub.ts';
import { after, isNext, isSeen } from '../hub/item.ts';
import { isSame, type Position } from '../hub/position.ts';

/** Where a subscription's events go. */
export interface Sink {
  deliver(delivery: Delivery): void;
  /** A message of an attached channel was deleted, whatever of it waits or is being replayed. */
  erase(erasure: Erasure): void;
  /** The hub has handed on more than was given. */
  wake(): void;
  /** The hub cannot go on. */
  broken(why: string): void;
}

/** What a replay of a channel reads with. */
export type Replayable = Pick<Attachment, 'chunks' | 'recent' | 'events'>;

export interface AttachedChannelOptions {
  readonly hub: Hub;
  readonly organizationId: string;
  readonly channelId: string;
  /** Whose subscription this is. */
  readonly userId: string;
  /** Of the numbering that places are of: after a restore all channels are attached anew. */
  readonly epoch: number;
  readonly sink: Sink;
}

export class AttachedChannel implements HubListener {
  readonly id: string;
  readonly sink: Sink;
  readonly #attachment: Attachment;
  readonly #userId: string;
  readonly #epoch: number;
  /** What this subscription was given; null until it is live. */
  #given: Position | null = null;
  /** Set while it is replayed: what the hub hands on is remembered until this is called. */
  #forget: (() => void) | null = null;

  constructor({ hub, organizationId, channelId, userId, epoch, sink }: AttachedChannelOptions) {
    this.id = channelId;
    this.#userId = userId;
    this.#epoch = epoch;
    this.sink = sink;
    this.#attachment = hub.attach({ organizationId, channelId }, epoch, this);
  }

  /** As of the attachment. */
  get opened(): Promise<void> {
    return this.#attachment.opened;
  }

  /** False while it is opened or replayed. */
  get isLive(): boolean {
    return this.#given !== null;
  }

  /** What the hub has handed on of it. */
  get hub(): Position | null {
    return this.#attachment.position();
  }

  detach(): void {
    this.#endReplay();
    this.#attachment.detach();
  }

  /** It is about to be replayed, until it goes live or is detached. */
  replay(): Replayable {
    this.#forget ??= this.#attachment.recent.use();
    return this.#attachment;
  }

  /** From this place on its entries are events. */
  goLive(at: Position): void {
    this.#given = this.#shared(at);
    this.#endReplay();
  }

  cursor({ seq, rev }: Position): string {
    return encodeEventCursor({ channelId: this.id, epoch: this.#epoch, seq, rev });
  }

  deliver(handed: Handed): void {
    if (handed.erasure !== null) this.sink.erase(handed.erasure);
    const given = this.#given;
    if (given === null) {
      // It is opened, or replayed: there may be more for the replay to give.
      this.sink.wake();
      return;
    }
    if (given === handed.from && handed.epoch === this.#epoch) {
      this.#given = handed.to;
      if (handed.delivery !== null) this.sink.deliver(handed.delivery);
    } else if (isSeen(given, handed.item)) {
      this.#given = this.#shared(given);
    } else {
      this.#deliverOwn(given, handed);
    }
  }

  tell(delivery: Delivery): void {
    if (!this.#isOwnTyping(delivery)) this.sink.deliver(delivery);
  }

  broken(why: string): void {
    this.sink.broken(why);
  }

  /** A replay had read ahead of the hub in one of the logs: the item's place is another one here. */
  #deliverOwn(given: Position, { item, bytes }: Handed): void {
    // It always is: but nothing else would show it, and the client would miss something without a word.
    if (!isNext(given, item)) {
      this.sink.broken('What comes next does not follow what was given.');
      return;
    }
    const to = this.#shared(after(given, item));
    this.#given = to;
    const event = eventOf(item, { channelId: this.id, cursor: this.cursor(to) });
    if (event !== null) this.sink.deliver(deliveryOf(event, bytes));
  }

  /** The hub's own object where it stands at this place: from then on its events are shared. */
  #shared(at: Position): Position {
    const hub = this.hub;
    return hub !== null && isSame(hub, at) ? hub : at;
  }

  /** Nobody is told that they are typing themselves, on another device either. */
  #isOwnTyping({ event }: Delivery): boolean {
    return event.type === 'TypingStarted' && event.userId === this.#userId;
  }

  #endReplay(): void {
    this.#forget?.();
    this.#forget = null;
  }
}
