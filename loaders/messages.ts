/** Single messages by channel and number: the last ones of a sidebar, those of `node` and `message(seq)`. */
import DataLoader from 'dataloader';
import type { Chat } from '../src/chat/chat.ts';
import type { Message } from '../src/chat/messages/message.ts';
import type { MessageRef } from '../src/chat/messages/messages.ts';
import type { Who } from './who.ts';

const keyOf = ({ channelId, seq }: MessageRef): string => `${channelId}/${seq}`;

/** Knows what it has loaded without a promise: an event that is executed for each of many viewers asks many times. */
export class MessagesLoader extends DataLoader<MessageRef, Message | null, string> {
  readonly #loaded: Map<string, Message | null>;

  constructor(find: (refs: readonly MessageRef[]) => Promise<readonly (Message | null)[]>) {
    const loaded = new Map<string, Message | null>();
    const load = async (refs: readonly MessageRef[]): Promise<readonly (Message | null)[]> => {
      const found = await find(refs);
      refs.forEach((ref, i) => {
        loaded.set(keyOf(ref), found[i] ?? null);
      });
      return found;
    };
    super(load, { cacheKeyFn: keyOf });
    this.#loaded = loaded;
  }

  /** Undefined while it is not loaded. */
  peek(ref: MessageRef): Message | null | undefined {
    return this.#loaded.get(keyOf(ref));
  }

  override clearAll(): this {
    this.#loaded.clear();
    return super.clearAll();
  }
}

export const messagesLoader = (chat: Chat, who: Who): MessagesLoader =>
  new MessagesLoader((refs) => chat.messages.byRefs(who(), refs));
