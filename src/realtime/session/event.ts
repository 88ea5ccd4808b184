/** How an entry of a log reads as an event. */
import type { LiveEvent, Placed } from '../../chat/live/port.ts';
import type { Item } from '../hub/item.ts';

/** `place.cursor` is the place that holds the item and all before it. */
export function eventOf(item: Item, place: Placed): LiveEvent {
  if (item.log === 'MESSAGES') return { type: 'MessagePosted', ...place, row: item.row };
  const { kind, userId } = item.row.entry;
  if (userId !== null && kind === 'MEMBER_JOINED') return { type: 'MemberJoined', ...place, userId };
  if (userId !== null && kind === 'MEMBER_LEFT') return { type: 'MemberLeft', ...place, userId };
  return { type: 'ChannelUpdated', ...place };
}
