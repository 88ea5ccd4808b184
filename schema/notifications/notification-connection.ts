import { builder } from '../builder.ts';
import { NotificationRef } from '../refs.ts';

export const NotificationConnection = builder.connectionObject({
  type: NotificationRef,
  name: 'NotificationConnection',
});
