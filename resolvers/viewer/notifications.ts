/** Viewer.notifications: newest first. */
import type { Notification } from '../../src/chat/notifications/port.ts';
import type { PageArgs } from '../../src/chat/paging/page-args.ts';
import { type Connection, connect } from '../connection.ts';
import { type Context, viewerOf } from '../context.ts';

export const notifications = (args: PageArgs, context: Context): Promise<Connection<Notification>> =>
  connect('notifications', args, (page) => context.chat.notifications.page(viewerOf(context), page));
