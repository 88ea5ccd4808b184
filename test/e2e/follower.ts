/**
 * A subscription client as the contract describes one: it keeps the newest cursor, and after any close hands it
 * back and goes on. It records every message in the order it came, so that a test can compare.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, createClient } from 'graphql-ws';
import WebSocket from 'ws';

export interface Follower {
  /** Numbers of the messages received, in the order received, over all connections. */
  readonly seqs: readonly number[];
  readonly texts: readonly string[];
  /** Results that carried errors: must stay empty. */
  readonly withErrors: readonly unknown[];
  readonly closeCodes: readonly number[];
  /** Resolves once the first Ready has come. */
  readonly ready: Promise<void>;
  /** Cuts the socket without a goodbye; the follower comes back by itself. */
  cut(): void;
  stop(): Promise<void>;
}

const FOLLOW = `subscription Follow($channelId: ID!, $after: String) {
  channelEvents(channelId: $channelId, after: $after) {
    __typename
    cursor
    ... on MessagePosted { message { seq text author { id handle name } channel { id head } } }
    ... on HistorySkipped { after before count }
    ... on Positions { positions { cursor } }
  }
}`;

interface FollowedEvent {
  readonly __typename: string;
  readonly cursor: string | null;
  readonly positions?: readonly { readonly cursor: string }[];
  readonly message?: {
    readonly seq: number;
    readonly text: string;
    readonly channel: { readonly head: number | null };
  };
}

/** Follows a channel on the replicas in turn, from `after` (null: from now on). */
export function follow(
  wsUrls: readonly string[],
  token: string,
  channelId: string,
  after: string | null,
): Follower {
  const seqs: number[] = [];
  const texts: string[] = [];
  const withErrors: unknown[] = [];
  const closeCodes: number[] = [];
  const ready = Promise.withResolvers<void>();
  let cursor = after;
  let isStopped = false;
  let socket: WebSocket | null = null;
  let client: Client | null = null;

  const take = (event: FollowedEvent): void => {
    if (event.__typename === 'Ready') ready.resolve();
    if (event.__typename === 'HistorySkipped' || event.__typename === 'PositionReset') withErrors.push(event);
    if (event.message !== undefined) {
      if ((event.message.channel.head ?? 0) < event.message.seq) withErrors.push({ head: event });
      seqs.push(event.message.seq);
      texts.push(event.message.text);
    }
    // Whoever is cut before the first message comes back from where the channel stood.
    cursor = event.cursor ?? event.positions?.[0]?.cursor ?? cursor;
  };

  async function connectOnce(url: string): Promise<void> {
    const once = createClient({
      url,
      lazy: false,
      retryAttempts: 0,
      connectionParams: { authorization: token },
      connectionAckWaitTimeout: 10_000,
      onNonLazyError: () => undefined, // the subscription's own end says the same
      webSocketImpl: class extends WebSocket {
        constructor(address: string, protocols: string) {
          super(address, protocols, { perMessageDeflate: false });
          socket = this;
        }
      },
      on: { closed: (event) => closeCodes.push((event as { code: number }).code) },
    });
    client = once;
    try {
      const results = once.iterate<{ channelEvents: FollowedEvent }>({
        query: FOLLOW,
        variables: { channelId, after: cursor },
      });
      for await (const result of results) {
        const isUnavailable = result.errors?.every((e) => e.extensions?.code === 'UNAVAILABLE') ?? false;
        // A subscription that could not start (a store was down) is tried again; an event with errors never is.
        if (result.errors !== undefined && !(result.data === undefined && isUnavailable))
          withErrors.push(result);
        else if (result.data) take(result.data.channelEvents);
      }
    } finally {
      await once.dispose();
    }
  }

  const running = (async () => {
    for (let turn = 0; !isStopped; turn++) {
      await connectOnce(wsUrls[turn % wsUrls.length] ?? '').catch((error: unknown) => {
        // A close is what this client is made for; GraphQL errors at subscribe are told apart by their code.
        if (!Array.isArray(error)) return;
        if (!error.every((e: { extensions?: { code?: string } }) => e.extensions?.code === 'UNAVAILABLE')) {
          withErrors.push(error);
        }
      });
      if (!isStopped) await sleep(100 + Math.random() * 400);
    }
  })();

  return {
    seqs,
    texts,
    withErrors,
    closeCodes,
    ready: ready.promise,
    cut: () => socket?.terminate(),
    stop: async () => {
      isStopped = true;
      await client?.dispose();
      socket?.terminate();
      await running;
    },
  };
}
