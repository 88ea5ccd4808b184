import type { Message } from '../../src/chat/messages/message.ts';
import { builder } from '../builder.ts';
import { MessageRef } from '../refs.ts';

export const MessagePayload = builder.objectRef<{ readonly message: Message }>('MessagePayload').implement({
  fields: (t) => ({ message: t.field({ type: MessageRef, resolve: ({ message }) => message }) }),
});
