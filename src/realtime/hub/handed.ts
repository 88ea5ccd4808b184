/**
 * What the hub hands to every listener of a channel: an item of its logs, and the event that it is for all who stand
 * where the hub stands. One object for all of them.
 */
import { encodeEventCursor } from '../../chat/cursors/cursor.ts';
import { type Delivery, deliveryOf } from './delivery.ts';
import { Erasure } from './erasure.ts';
import { eventOf } from './event.ts';
import { after, bytesOf, type Item } from './item.ts';
import type { Position } from './position.ts';

export interface Handed {
  readonly item: Item;
  /** The hub's places before and after it: whoever stands at the very same object stands where the hub does. */
  readonly from: Position;
  readonly to: Position;
  /** Of the numbering that the delivery's cursor is of. */
  readonly epoch: number;
  readonly bytes: number;
  /** Null when it says nothing to clients of this version. */
  readonly delivery: Delivery | null;
  /** Null when nothing was deleted. */
  readonly erasure: Erasure | null;
}

export function handedOf(item: Item, from: Position, channelId: string, epoch: number): Handed {
  const to = after(from, item);
  const bytes = bytesOf(item);
  const event = eventOf(item, { channelId, cursor: encodeEventCursor({ channelId, epoch, ...to }) });
  const delivery = event === null ? null : deliveryOf(event, bytes);
  const isDeletion = item.log === 'CHANGES' && item.row.entry.kind === 'DELETED';
  return {
    item,
    from,
    to,
    epoch,
    bytes,
    delivery,
    erasure: isDeletion ? new Erasure(channelId, item.row) : null,
  };
}
