/** Pages of 50 messages with their authors, the same document for both servers, anywhere in a channel's history. */
import type { Client } from './client.ts';
import { openClient } from './client.ts';
import type { Ground, ServerName } from './grounds.ts';
import { sendTo, sharedChannel } from './sends.ts';

export const PAGE = `query Page($id: ID!, $before: String) {
  channel(id: $id) {
    id
    messages(last: 50, before: $before) {
      edges { cursor node { id seq text createdAt editedAt author { id handle name avatarUrl } } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
}`;

interface Page {
  readonly channel: {
    readonly messages: {
      readonly edges: readonly { readonly cursor: string }[];
      readonly pageInfo: { readonly startCursor: string };
    };
  };
}

export interface History {
  readonly channels: Readonly<Record<ServerName, string>>;
  /** Cursors of whole pages. */
  readonly places: Readonly<Record<ServerName, readonly string[]>>;
}

/** A channel with so many messages by so many people. */
export async function fillHistory(ground: Ground, messages: number, people: number): Promise<History> {
  const channels = await sharedChannel(ground, people);
  const places: Record<ServerName, string[]> = { 'Backscroll, embedded': [], 'the usual recipe': [] };
  for (const server of ['Backscroll, embedded', 'the usual recipe'] as const) {
    const clients = await Promise.all(
      Array.from({ length: people }, (_, i) =>
        openClient(ground.servers[server], 'WebSocket', `person-${i}`),
      ),
    );
    const send = sendTo(channels)(server);
    for (let sent = 0; sent < messages; sent += people) {
      await Promise.all(clients.map((client, i) => send(client, i)));
    }
    const [reader] = clients;
    if (reader === undefined) throw new Error('nobody reads');
    for (let before: string | null = null; ; ) {
      const { channel } = (await reader.execute(PAGE, { id: channels[server], before })) as Page;
      const { edges, pageInfo } = channel.messages;
      if (edges.length < 50) break;
      if (before !== null) places[server].push(before);
      before = pageInfo.startCursor;
    }
    clients.forEach((client) => void client.close());
  }
  return { channels, places };
}

export const readPages =
  ({ channels, places }: History) =>
  (server: ServerName) => {
    let next = 0;
    return async (client: Client): Promise<void> => {
      const before = places[server][next++ % places[server].length];
      const { channel } = (await client.execute(PAGE, { id: channels[server], before })) as Page;
      if (channel.messages.edges.length !== 50) throw new Error('a page was not whole');
    };
  };
