/** Somebody who uses a running program: asks over HTTP, listens over WebSocket. */
import { comeBack } from '../../../test/e2e/coming-back.ts';
import type { App } from '../../app.ts';
import { decodeEventCursor } from '../../chat/cursors/cursor.ts';

export interface Person {
  /** Throws when the answer has errors. */
  ask<Data>(query: string, variables?: object): Promise<Data>;
  /**
   * All that `events` tells, as text, one entry for each event. As a client does, it comes back with its places after
   * a close: a replica that finds a log shorter than it was ends its subscriptions, before it hears of a restore.
   */
  listen(after?: readonly string[]): Promise<Listener>;
}

export interface Listener {
  heard(): readonly string[];
  stop(): Promise<void>;
}

const EVENTS = `subscription ($after: [String!]) {
  events(after: $after) {
    __typename
    channelId
    cursor
    ... on MessagePosted { message { seq text } }
    ... on Positions { positions { channelId cursor } }
  }
}`;

interface Place {
  readonly cursor: string | null;
}

export const person = ({ url }: Pick<App, 'url'>, token: string): Person => ({
  async ask<Data>(query: string, variables: object = {}): Promise<Data> {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = (await response.json()) as { data: Data; errors?: unknown };
    if (errors !== undefined) throw new Error(JSON.stringify(errors));
    return data;
  },
  async listen(after = []) {
    const heard: string[] = [];
    const places = new Map(after.map((cursor) => [decodeEventCursor(cursor).channelId, cursor]));
    const begun = Promise.withResolvers<void>();
    const note = ({ cursor }: Place): void => {
      if (cursor !== null) places.set(decodeEventCursor(cursor).channelId, cursor);
    };
    const { stop } = comeBack<{ events: Place & { positions?: readonly Place[] } }>({
      url: () => `${url.replace('http', 'ws')}/graphql`,
      token,
      query: EVENTS,
      variables: () => ({ after: [...places.values()] }),
      take: ({ data, errors }) => {
        heard.push(JSON.stringify(data ?? { errors }));
        if (data) for (const place of [data.events, ...(data.events.positions ?? [])]) note(place);
        begun.resolve();
      },
      refused: (errors) => heard.push(JSON.stringify({ errors })),
      pauseMs: [50, 200],
    });
    await begun.promise;
    return { heard: () => heard, stop };
  },
});

export const send = async (
  { ask }: Person,
  channelId: string,
  text: string,
  threadRootId: string | null = null,
): Promise<{ readonly id: string; readonly seq: number; readonly channel: { readonly id: string } }> =>
  (
    await ask<{ sendMessage: { message: { id: string; seq: number; channel: { id: string } } } }>(
      `mutation ($input: SendMessageInput!) {
        sendMessage(input: $input) { message { id seq channel { id } } }
      }`,
      { input: { channelId, text, threadRootId } },
    )
  ).sendMessage.message;

/** What the viewer sees of a channel. */
export interface Seen {
  readonly head: number;
  readonly viewerMembership: { readonly checkpoint: number; readonly unreadCount: number };
  readonly messages: {
    readonly position: string;
    readonly edges: readonly {
      readonly node: {
        readonly seq: number;
        readonly text: string;
        readonly isPinned: boolean;
        readonly thread: { readonly id: string; readonly head: number } | null;
      };
    }[];
  };
}

export const see = async ({ ask }: Person, channelId: string): Promise<Seen> =>
  (
    await ask<{ channel: Seen }>(
      `query ($id: ID!) {
        channel(id: $id) {
          head
          viewerMembership { checkpoint unreadCount }
          messages(first: 50) { position edges { node { seq text isPinned thread { id head } } } }
        }
      }`,
      { id: channelId },
    )
  ).channel;
