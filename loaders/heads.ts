/**
 * Newest numbers of channels' logs. A message in hand proves that its channel's head is at least its number: that
 * floor holds against a read which began before the message was sent.
 */
import DataLoader from 'dataloader';
import type { Chat } from '../src/chat/chat.ts';
import { KnowingLoader } from './batch.ts';
import type { Who } from './who.ts';

export interface HeadsLoader {
  load(channelId: string): Promise<number>;
  /** The same without a promise; undefined while it is not loaded. */
  peek(channelId: string): number | undefined;
  /** A message of this number has been seen. */
  seen(channelId: string, seq: number): void;
  clear(): void;
}

export function headsLoader(chat: Chat, who: Who): HeadsLoader {
  const loader = new KnowingLoader<string, number>(
    (ids) => chat.messages.heads(who(), ids),
    (id) => id,
  );
  const floors = new Map<string, number>();
  const above = (channelId: string, head: number): number => Math.max(head, floors.get(channelId) ?? 0);
  return {
    load: async (channelId) => above(channelId, await loader.load(channelId)),
    peek(channelId) {
      const known = loader.peek(channelId);
      return known === undefined ? undefined : above(channelId, known);
    },
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
