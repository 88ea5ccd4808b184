import type { Sent } from '../../src/chat/messages/send.ts';
import { builder } from '../builder.ts';
import { MessageRef } from '../refs.ts';

export const SendMessagePayload = builder.objectRef<Sent>('SendMessagePayload').implement({
  fields: (t) => ({
    message: t.field({ type: MessageRef, resolve: ({ message }) => message }),
    isDuplicate: t.exposeBoolean('isDuplicate', {
      description: 'True when an earlier try had already saved it; message is then that one.',
    }),
  }),
});
