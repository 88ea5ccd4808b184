/** Single messages by channel and number: the last ones of a sidebar, those of `node` and `message(seq)`. */
import DataLoader from 'dataloader';
import type { Chat } from '../src/chat/chat.ts';
import type { Message } from '../src/chat/messages/message.ts';
import type { MessageRef } from '../src/chat/messages/messages.ts';
import type { Who } from './who.ts';

export const messagesLoader = (chat: Chat, who: Who): DataLoader<MessageRef, Message | null, string> =>
  new DataLoader((refs: readonly MessageRef[]) => chat.messages.byRefs(who(), refs), {
    cacheKeyFn: ({ channelId, seq }) => `${channelId}/${seq}`,
  });
