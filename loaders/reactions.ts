/**
 * Who reacted. The first few lie with the message itself; the store is asked only for what they do not tell, once
 * for all reactions of a page.
 */
import DataLoader from 'dataloader';
import type { Chat } from '../src/chat/chat.ts';
import { ChatError } from '../src/chat/errors.ts';
import type { Reaction } from '../src/chat/messages/reaction.ts';
import type { Who } from './who.ts';

export const reactionKey = ({ channelId, seq, emoji }: Reaction): string => `${channelId}/${seq}/${emoji}`;

/** Whether those who lie with the message are all there are. */
const isWhole = ({ summary }: Reaction): boolean => summary.first.length >= summary.count;

/** Whether the viewer reacted so. */
export const viewerReactedLoader = (chat: Chat, who: Who): DataLoader<Reaction, boolean, string> =>
  new DataLoader(
    async (reactions: readonly Reaction[]) => {
      const viewer = who();
      const isFirst = ({ summary }: Reaction) => summary.first.includes(viewer.userId);
      const unknown = reactions.filter((reaction) => !isFirst(reaction) && !isWhole(reaction));
      const found = unknown.length === 0 ? [] : await chat.messages.haveReacted(viewer, unknown);
      const others = new Set(unknown.filter((_, i) => found[i]).map(reactionKey));
      return reactions.map((reaction) => isFirst(reaction) || others.has(reactionKey(reaction)));
    },
    { cacheKeyFn: reactionKey },
  );

export interface ReactorsKey {
  readonly reaction: Reaction;
  /** How many to name. */
  readonly first: number;
}

/** Of one request: what a page of messages with a few reactions each asks for is far less. */
const MOST_NAMED = 50_000;

async function askedFor(
  chat: Chat,
  who: Who,
  first: number,
  reactions: readonly Reaction[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const named = reactions.reduce((sum, { summary }) => sum + Math.min(first, summary.count), 0);
  if (named > MOST_NAMED) {
    throw new ChatError('QUERY_TOO_COMPLEX', `More than ${MOST_NAMED} people who reacted: ask for fewer.`);
  }
  const found = await chat.messages.reactors(who(), reactions, first);
  return new Map(reactions.map((reaction, i) => [reactionKey(reaction), found[i] ?? []]));
}

/** User ids of the first who reacted so: one store call for each number asked for, however many reactions. */
export const reactorsLoader = (chat: Chat, who: Who): DataLoader<ReactorsKey, readonly string[], string> =>
  new DataLoader(
    async (keys: readonly ReactorsKey[]) => {
      const unknown = keys.filter(
        ({ reaction, first }) => first > reaction.summary.first.length && !isWhole(reaction),
      );
      const byFirst = Map.groupBy(unknown, ({ first }) => first);
      const found = new Map(
        await Promise.all(
          [...byFirst].map(
            async ([first, of]) =>
              [
                first,
                await askedFor(
                  chat,
                  who,
                  first,
                  of.map(({ reaction }) => reaction),
                ),
              ] as const,
          ),
        ),
      );
      return keys.map(
        ({ reaction, first }) =>
          found.get(first)?.get(reactionKey(reaction)) ?? reaction.summary.first.slice(0, first),
      );
    },
    { cacheKeyFn: ({ reaction, first }) => `${first}/${reactionKey(reaction)}` },
  );
