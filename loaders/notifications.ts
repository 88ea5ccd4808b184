/** The viewer's own notifications by their ids; null for anyone else's and for what is no more. */
import type DataLoader from 'dataloader';
import type { Chat } from '../src/chat/chat.ts';
import type { Notification } from '../src/chat/notifications/port.ts';
import { byId } from './batch.ts';
import type { Who } from './who.ts';

export const notificationsLoader = (chat: Chat, who: Who): DataLoader<string, Notification | null> =>
  byId(
    (ids) => chat.notifications.byIds(who(), ids),
    (notification) => notification.id,
  );
