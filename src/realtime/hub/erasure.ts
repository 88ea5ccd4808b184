/**
 * A deletion, as it concerns what waits: the deleted message's event without what it said, made once for all who have
 * it waiting.
 */
import type { ChangeEntry } from '../../chat/log/entries.ts';
import type { LogRow } from '../../chat/log/port.ts';
import { type Delivery, deliveryOf } from './delivery.ts';
import { withoutDeleted } from './merged-reader.ts';

export class Erasure {
  readonly channelId: string;
  readonly deletion: LogRow<ChangeEntry>;
  readonly #erased = new Map<Delivery, Delivery>();

  constructor(channelId: string, deletion: LogRow<ChangeEntry>) {
    this.channelId = channelId;
    this.deletion = deletion;
  }

  /** What is to be delivered instead: the same, unless it is of the deleted message. */
  of(delivery: Delivery): Delivery {
    const { event, bytes } = delivery;
    if (event.type !== 'MessagePosted' || event.channelId !== this.channelId) return delivery;
    if (event.row.seq !== this.deletion.entry.seq) return delivery;
    const known = this.#erased.get(delivery);
    if (known !== undefined) return known;
    // It counts for as much as before, so that whoever counted it need not look again.
    const erased = deliveryOf({ ...event, row: withoutDeleted(event.row, this.deletion) }, bytes);
    this.#erased.set(delivery, erased);
    return erased;
  }
}
