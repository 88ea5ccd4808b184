/**
 * A client with a sidebar, as the contract describes one: one subscription for all its channels, over as many
 * connections as it takes, each begun with the newest cursor of every channel. It notes the messages in the order told.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, createClient } from 'graphql-ws';
import WebSocket from 'ws';

export interface Sidebar {
  /** By channel, numbers of the messages told, in the order told. */
  readonly seqs: ReadonlyMap<string, readonly number[]>;
  /** By channel, where it would begin again. */
  readonly cursors: ReadonlyMap<string, string>;
  /** Results with errors, and events that say that something was missed: must stay empty. */
  readonly faults: readonly unknown[];
  readonly closeCodes: readonly number[];
  /** Cuts the socket without a goodbye; it comes back by itself. */
  cut(): void;
  stop(): Promise<void>;
}

interface Told {
  readonly __typename: string;
  readonly channelId: string | null;
  readonly cursor: string | null;
  readonly positions?: readonly { readonly channelId: string; readonly cursor: string }[];
  readonly message?: { readonly seq: number };
}

const EVENTS = `subscription ($after: [String!]) { events(after: $after) {
  __typename channelId cursor
  ... on Positions { positions { channelId cursor } }
  ... on MessagePosted { message { seq text author { handle } } }
} }`;

/** @param wsUrl where to connect next; it may be gone by then. */
export function openSidebar(wsUrl: () => string, token: string): Sidebar {
  const seqs = new Map<string, number[]>();
  const cursors = new Map<string, string>();
  const faults: unknown[] = [];
  const closeCodes: number[] = [];
  let isStopped = false;
  let socket: WebSocket | null = null;
  let client: Client | null = null;

  const take = (told: Told): void => {
    for (const { channelId, cursor } of told.positions ?? []) cursors.set(channelId, cursor);
    if (told.channelId === null) return;
    if (told.message !== undefined) {
      seqs.set(told.channelId, [...(seqs.get(told.channelId) ?? []), told.message.seq]);
    }
    if (['HistorySkipped', 'PositionReset', 'ChannelDetached'].includes(told.__typename)) faults.push(told);
    if (told.cursor !== null) cursors.set(told.channelId, told.cursor);
  };

  async function connectOnce(): Promise<void> {
    const once = createClient({
      url: wsUrl(),
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
      const variables = { after: [...cursors.values()] };
      for await (const result of once.iterate<{ events: Told }>({ query: EVENTS, variables })) {
        if (result.errors !== undefined && !isAway(result.errors)) faults.push(result.errors);
        else if (result.data) take(result.data.events);
      }
    } finally {
      await once.dispose();
    }
  }

  const running = (async () => {
    while (!isStopped) {
      await connectOnce().catch((error: unknown) => {
        // A close is what this client is made for; what the server says with a code is not.
        if (Array.isArray(error) && !isAway(error)) faults.push(error);
      });
      if (!isStopped) await sleep(20 + Math.random() * 150);
    }
  })();

  return {
    seqs,
    cursors,
    faults,
    closeCodes,
    cut: () => socket?.terminate(),
    stop: async () => {
      isStopped = true;
      await client?.dispose();
      socket?.terminate();
      await running;
    },
  };
}

/** A store is down: the same is asked again. */
const isAway = (errors: readonly { readonly extensions?: { readonly code?: unknown } }[]): boolean =>
  errors.every((error) => error.extensions?.code === 'UNAVAILABLE');
