/** Single messages by channel and number: the last ones of a sidebar, those of `node` and `message(seq)`. */
import type { Chat } from '../src/chat/chat.ts';
import type { Message } from '../src/chat/messages/message.ts';
import type { MessageRef } from '../src/chat/messages/messages.ts';
import { KnowingLoader } from './batch.ts';
import type { Who } from './who.ts';

export const messagesLoader = (chat: Chat, who: Who): KnowingLoader<MessageRef, Message | null> =>
  new KnowingLoader(
    (refs) => chat.messages.byRefs(who(), refs),
    ({ channelId, seq }) => `${channelId}/${seq}`,
  );
