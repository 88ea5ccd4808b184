/** How an entry of a log reads as an event. */
import type { LiveEvent } from '../../chat/live/port.ts';
import type { Item } from '../hub/item.ts';

/** `cursor` is the place that holds the item and all before it. */
export function eventOf(item: Item, channelId: string, cursor: string): LiveEvent {
  if (item.log === 'MESSAGES') return { type: 'MessagePosted', channelId, cursor, row: item.row };
  const { kind, userId } = item.row.entry;
  if (userId !== null && kind === 'MEMBER_JOINED') return { type: 'MemberJoined', channelId, cursor, userId };
  if (userId !== null && kind === 'MEMBER_LEFT') return { type: 'MemberLeft', channelId, cursor, userId };
  return { type: 'ChannelUpdated', channelId, cursor };
}
