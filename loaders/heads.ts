/**
 * Newest numbers of channels' logs. A message in hand proves that its channel's head is at least its number: that
 * floor holds against a read which began before the message was sent.
 */
import DataLoader from 'dataloader';
import type { Chat } from '../src/chat/chat.ts';
import type { Who } from './who.ts';

export interface HeadsLoader {
  load(channelId: string): Promise<number>;
  /** A message of this number has been seen. */
  seen(channelId: string, seq: number): void;
  clear(): void;
}

export function headsLoader(chat: Chat, who: Who): HeadsLoader {
  const loader = new DataLoader((ids: readonly string[]) => chat.messages.heads(who(), ids));
  const floors = new Map<string, number>();
  return {
    load: async (channelId) => Math.max(await loader.load(channelId), floors.get(channelId) ?? 0),
    seen(channelId, seq) {
      floors.set(channelId, Math.max(seq, floors.get(channelId) ?? 0));
    },
    clear() {
      loader.clearAll();
    },
  };
}

/** Newest numbers of change logs. */
export const revsLoader = (chat: Chat, who: Who): DataLoader<string, number> =>
  new DataLoader((ids: readonly string[]) => chat.messages.revs(who(), ids));
