import { isRead, message } from '../../resolvers/notification/message.ts';
import { builder } from '../builder.ts';
import { MessageRef, NotificationRef } from '../refs.ts';
import { NotificationReason } from './notification-reason.ts';

builder.node(NotificationRef, {
  id: { resolve: (notification) => notification.id },
  fields: (t) => ({
    message: t.field({
      type: MessageRef,
      nullable: true,
      resolve: (notification, _args, context) => message(notification, context),
    }),
    reason: t.expose('reason', { type: NotificationReason }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    isRead: t.boolean({
      description: 'The checkpoint has passed the message.',
      resolve: (notification, _args, context) => isRead(notification, context),
    }),
  }),
});
