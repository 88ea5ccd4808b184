/** Somebody who uses a running program: asks over HTTP, listens over WebSocket. */
import type { App } from '../../app.ts';
import { TestClient } from '../../edge/testing/edge-server.ts';

export interface Person {
  /** Throws when the answer has errors. */
  ask<Data>(query: string, variables?: object): Promise<Data>;
  /** All that `events` tells, as text, one entry for each event. */
  listen(after?: readonly string[]): Promise<{ heard(): readonly string[]; stop(): void }>;
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
    const client = await TestClient.open(`${url.replace('http', 'ws')}/graphql`, { authorization: token });
    client.subscribe('events', EVENTS, { variables: { after } });
    await client.expect('next', 'events');
    return {
      heard: () =>
        client.heard.flatMap(({ type, payload }) => (type === 'next' ? [JSON.stringify(payload)] : [])),
      stop: () => client.ws.close(),
    };
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
