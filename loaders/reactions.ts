/**
 * Who reacted. The first few lie with the message itself; the store is asked only for what they do not tell, once
 * for all reactions of a page, and what they tell does not fail with it.
 */
import DataLoader from 'dataloader';
import type { Chat } from '../src/chat/chat.ts';
import { ChatError } from '../src/chat/errors.ts';
import { isWhole, type Reaction } from '../src/chat/messages/reaction.ts';
import type { Viewer } from '../src/chat/viewer.ts';
import { KnowingLoader } from './batch.ts';
import type { Who } from './who.ts';

const keyOf = ({ channelId, seq, emoji }: Reaction): string => `${channelId}/${seq}/${emoji}`;

/** What the store says of each, by key; or the error that each of them then has. */
async function answers<R extends Reaction, T>(
  reactions: readonly R[],
  nameOf: (reaction: R) => string,
  ask: () => Promise<readonly T[]>,
): Promise<ReadonlyMap<string, T | Error>> {
  if (reactions.length === 0) return new Map();
  const found = await ask().catch((error: unknown) => {
    const failure =
      error instanceof Error ? error : new Error('reactions could not be read', { cause: error });
    return reactions.map(() => failure);
  });
  return new Map(
    reactions.flatMap((reaction, i) => {
      const answer = found[i];
      return answer === undefined ? [] : [[nameOf(reaction), answer] as const];
    }),
  );
}

export interface ReactedKey {
  readonly viewer: Viewer;
  readonly reaction: Reaction;
}

/** Whether viewers of one organization reacted so: one store call for all of them. */
export const reactedLoader = (chat: Chat): KnowingLoader<ReactedKey, boolean> =>
  new KnowingLoader<ReactedKey, boolean>(
    async (keys: readonly ReactedKey[]) => {
      const isFirst = ({ viewer, reaction }: ReactedKey) => reaction.summary.first.includes(viewer.userId);
      const unknown = keys
        .filter((key) => !isFirst(key) && !isWhole(key.reaction))
        .map(({ viewer, reaction }) => ({ viewer, ...reaction, userId: viewer.userId }));
      const [first] = unknown;
      const found =
        first === undefined
          ? null
          : await answers(unknown, reactedKeyOf, () => chat.messages.haveReacted(first.viewer, unknown));
      return keys.map(
        (key) => found?.get(reactedKeyOf({ ...key.reaction, userId: key.viewer.userId })) ?? isFirst(key),
      );
    },
    ({ viewer, reaction }) => reactedKeyOf({ ...reaction, userId: viewer.userId }),
  );

const reactedKeyOf = (reacted: Reaction & { readonly userId: string }): string =>
  `${reacted.userId}/${keyOf(reacted)}`;

export interface ReactorsKey {
  readonly reaction: Reaction;
  /** How many to name. */
  readonly first: number;
}

/** Of one request: what a page of messages with a few reactions each asks for is far less. */
const MOST_NAMED = 50_000;

async function askFor(
  chat: Chat,
  who: Who,
  first: number,
  reactions: readonly Reaction[],
): Promise<readonly (readonly string[])[]> {
  const named = reactions.reduce((sum, { summary }) => sum + Math.min(first, summary.count), 0);
  if (named > MOST_NAMED) {
    throw new ChatError('QUERY_TOO_COMPLEX', `More than ${MOST_NAMED} people who reacted: ask for fewer.`);
  }
  return chat.messages.reactors(who(), reactions, first);
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
          [...byFirst].map(async ([first, of]) => {
            const reactions = of.map(({ reaction }) => reaction);
            return [
              first,
              await answers(reactions, keyOf, () => askFor(chat, who, first, reactions)),
            ] as const;
          }),
        ),
      );
      return keys.map(
        ({ reaction, first }) =>
          found.get(first)?.get(keyOf(reaction)) ?? reaction.summary.first.slice(0, first),
      );
    },
    { cacheKeyFn: ({ reaction, first }) => `${first}/${keyOf(reaction)}` },
  );
