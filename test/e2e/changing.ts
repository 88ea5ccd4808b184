/** What careful clients do to messages: each change is repeated until it is answered, and the last answer is kept. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { RequestFailed, request } from './requests.ts';

/** A message as these tests look at it. */
export interface Shown {
  readonly id: string;
  readonly seq: number;
  readonly text: string;
  readonly isPinned: boolean;
  readonly isDeleted: boolean;
  /** Emoji and count, as `👍 3`, sorted. */
  readonly reactions: readonly string[];
}

export const MESSAGE = 'id seq text isPinned deletedAt reactions { emoji count }';

export interface Read {
  readonly id: string;
  readonly seq: number;
  readonly text: string;
  readonly isPinned: boolean;
  readonly deletedAt: string | null;
  readonly reactions: readonly { readonly emoji: string; readonly count: number }[];
}

export const shown = ({ id, seq, text, isPinned, deletedAt, reactions }: Read): Shown => ({
  id,
  seq,
  text,
  isPinned,
  isDeleted: deletedAt !== null,
  reactions: reactions.map(({ emoji, count }) => `${emoji} ${count}`).toSorted(),
});

const AGAIN = ['UNAVAILABLE', 'NETWORK', 'RATE_LIMITED'];

/** Repeats a request, on the servers in turn, while it is told to try again or hears nothing. */
export async function untilAnswered<Data>(
  urls: readonly string[],
  token: string,
  query: string,
  variables: object,
): Promise<Data> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await request<Data>(urls[attempt % urls.length] ?? '', token, query, variables);
    } catch (error) {
      const isOver = attempt >= 100;
      const again = error instanceof RequestFailed && error.codes.every((code) => AGAIN.includes(code));
      if (!again || isOver) throw error;
      await sleep(50 + Math.random() * 250);
    }
  }
}

const mutation = (name: string, type: string): string =>
  `mutation ($input: ${type}!) { ${name}(input: $input) { message { ${MESSAGE} } } }`;

const mutations = {
  edit: mutation('editMessage', 'EditMessageInput'),
  delete: mutation('deleteMessage', 'MessageInput'),
  react: mutation('addReaction', 'ReactionInput'),
  unreact: mutation('removeReaction', 'ReactionInput'),
  pin: mutation('pinMessage', 'MessageInput'),
  unpin: mutation('unpinMessage', 'MessageInput'),
};

export type Act = keyof typeof mutations;

export async function act(urls: readonly string[], token: string, name: Act, input: object): Promise<void> {
  await untilAnswered(urls, token, mutations[name], { input });
}

/** What one person did to one message, and what must be true of it in the end. */
export interface Done {
  readonly text: string;
  readonly hasReacted: boolean;
  readonly isPinned: boolean;
}

/**
 * Changes a message again and again: it is edited, reacted to and pinned by its author alone, one change after the
 * other, so that its end is known. Each answer was waited for.
 */
export async function keepChanging(
  urls: readonly string[],
  token: string,
  messageId: string,
  rounds: number,
  onRound: () => void,
): Promise<Done> {
  let done: Done = { text: '', hasReacted: false, isPinned: false };
  for (let round = 1; round <= rounds; round += 1) {
    const text = `round ${round} of ${messageId}`;
    await act(urls, token, 'edit', { messageId, text, clientChangeId: randomUUID() });
    const hasReacted = round % 3 !== 0;
    await act(urls, token, hasReacted ? 'react' : 'unreact', { messageId, emoji: '🎉' });
    const isPinned = round % 2 === 0;
    await act(urls, token, isPinned ? 'pin' : 'unpin', { messageId });
    done = { text, hasReacted, isPinned };
    onRound();
  }
  return done;
}

/** Every message of a channel as it is now, oldest first. */
export async function readShown(url: string, token: string, channelId: string): Promise<Shown[]> {
  const all: Shown[] = [];
  let after: string | null = null;
  for (;;) {
    const data: {
      channel: {
        messages: {
          edges: { node: Read }[];
          pageInfo: { hasNextPage: boolean; endCursor: string | null };
        };
      };
    } = await request(
      url,
      token,
      `query ($id: ID!, $after: String) { channel(id: $id) { messages(first: 100, after: $after) {
        edges { node { ${MESSAGE} } } pageInfo { hasNextPage endCursor }
      } } }`,
      { id: channelId, after },
    );
    const { edges, pageInfo } = data.channel.messages;
    all.push(...edges.map(({ node }) => shown(node)));
    if (!pageInfo.hasNextPage) return all;
    after = pageInfo.endCursor;
  }
}
