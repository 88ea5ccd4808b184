/**
 * A client with a cache: it reads a channel once, then keeps its copy by events alone, over as many connections as it
 * takes, handing back its newest cursor each time. In the end the copy must be what the server shows.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { MESSAGE, type Read, readShown, type Shown, shown } from './changing.ts';
import { request } from './requests.ts';

export interface Mirror {
  /** The copy, oldest first. */
  copy(): Shown[];
  /** Types of the events that came, in order; MessageUpdated with its change. */
  readonly heard: readonly string[];
  /** Results that carried errors, and events that say something was missed: must stay empty. */
  readonly faults: readonly unknown[];
  readonly connections: () => number;
  readonly cursor: () => string;
  cut(): void;
  stop(): Promise<void>;
}

type Event = {
  readonly __typename: string;
  readonly cursor: string | null;
  readonly message?: Read;
  readonly change?: string;
  readonly messageId?: string;
  readonly emoji?: string;
  readonly count?: number;
};

const FOLLOW = `subscription ($channelId: ID!, $after: String!) { channelEvents(channelId: $channelId, after: $after) {
  __typename cursor
  ... on MessagePosted { message { ${MESSAGE} } }
  ... on MessageUpdated { change message { ${MESSAGE} } }
  ... on ReactionChanged { messageId emoji count }
} }`;

export async function mirror(
  urls: readonly { readonly url: string; readonly wsUrl: string }[],
  token: string,
  channelId: string,
): Promise<Mirror> {
  const first = urls[0];
  if (first === undefined) throw new Error('a mirror of nothing');
  const { channel } = await request<{ channel: { messages: { position: string } } }>(
    first.url,
    token,
    'query ($id: ID!) { channel(id: $id) { messages(last: 1) { position } } }',
    { id: channelId },
  );
  let cursor = channel.messages.position;
  const messages = new Map(
    (await readShown(first.url, token, channelId)).map((message) => [message.id, message]),
  );
  const heard: string[] = [];
  const faults: unknown[] = [];
  let connections = 0;
  let isStopped = false;
  let socket: WebSocket | null = null;
  let client: Client | null = null;

  const take = (event: Event): void => {
    heard.push(event.change === undefined ? event.__typename : `${event.__typename} ${event.change}`);
    if (event.message !== undefined) messages.set(event.message.id, shown(event.message));
    if (event.__typename === 'ReactionChanged') react(event);
    if (event.__typename === 'HistorySkipped' || event.__typename === 'PositionReset') faults.push(event);
    cursor = event.cursor ?? cursor;
  };
  const react = ({ messageId = '', emoji = '', count = 0 }: Event): void => {
    const message = messages.get(messageId);
    if (message === undefined) {
      faults.push(`a reaction to ${messageId}, which is not there`);
      return;
    }
    const others = message.reactions.filter((reaction) => !reaction.startsWith(`${emoji} `));
    const reactions = count === 0 ? others : [...others, `${emoji} ${count}`].toSorted();
    messages.set(messageId, { ...message, reactions });
  };

  async function connectOnce(wsUrl: string): Promise<void> {
    const once = createClient({
      url: wsUrl,
      lazy: false,
      retryAttempts: 0,
      connectionParams: { authorization: token },
      onNonLazyError: () => undefined, // the subscription's own end says the same
      webSocketImpl: class extends WebSocket {
        constructor(address: string, protocols: string) {
          super(address, protocols, { perMessageDeflate: false });
          socket = this;
        }
      },
    });
    client = once;
    try {
      const results = once.iterate<{ channelEvents: Event }>({
        query: FOLLOW,
        variables: { channelId, after: cursor },
      });
      for await (const { data, errors } of results) {
        if (errors !== undefined) faults.push(errors);
        else if (data) take(data.channelEvents);
      }
    } finally {
      await once.dispose();
    }
  }

  const running = (async () => {
    for (; !isStopped; connections += 1) {
      await connectOnce(urls[connections % urls.length]?.wsUrl ?? '').catch((error: unknown) => {
        // A close is what this client is made for; what the server says with a code is not.
        if (Array.isArray(error) && !isAway(error)) faults.push(error);
      });
      if (!isStopped) await sleep(50 + Math.random() * 150);
    }
  })();

  return {
    copy: () => [...messages.values()].toSorted((a, b) => a.seq - b.seq),
    heard,
    faults,
    connections: () => connections + 1,
    cursor: () => cursor,
    cut: () => socket?.terminate(),
    stop: async () => {
      isStopped = true;
      await client?.dispose();
      socket?.terminate();
      await running;
    },
  };
}

const isAway = (errors: readonly { extensions?: { code?: string } }[]): boolean =>
  errors.every((error) => error.extensions?.code === 'UNAVAILABLE');
