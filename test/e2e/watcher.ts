/** Someone with one socket on one replica who listens to all that is theirs, and keeps what came in the order it came. */
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

const EVENTS = `subscription { events {
  __typename
  ... on MessagePosted { message { seq text channel { id } } }
  ... on ChannelDetached { channelId }
  ... on MembershipUpdated { membership { channel { id } } }
} }`;

interface Event {
  readonly __typename: string;
  readonly message?: {
    readonly seq: number;
    readonly text: string;
    readonly channel: { readonly id: string };
  };
  readonly channelId?: string;
  readonly membership?: { readonly channel: { readonly id: string } };
}

export interface Watcher {
  /** Texts of the messages that came. */
  readonly texts: readonly string[];
  /** Channels that came to be, and ended, while listening. */
  readonly attached: ReadonlySet<string>;
  readonly detached: ReadonlySet<string>;
  /** Code of the close, or null. */
  closedBy(): number | null;
  stop(): Promise<void>;
}

/** Resolves once it listens. It does not come back after a close. */
export async function watch(wsUrl: string, token: string): Promise<Watcher> {
  const texts: string[] = [];
  const attached = new Set<string>();
  const detached = new Set<string>();
  const ready = Promise.withResolvers<void>();
  let closedBy: number | null = null;
  const client = createClient({
    url: wsUrl,
    lazy: false,
    retryAttempts: 0,
    connectionParams: { authorization: token },
    onNonLazyError: () => undefined,
    webSocketImpl: WebSocket,
    on: {
      closed: (event) => {
        closedBy = (event as { code: number }).code;
      },
    },
  });
  const take = (event: Event): void => {
    if (event.__typename === 'Ready') ready.resolve();
    if (event.message !== undefined) texts.push(event.message.text);
    if (event.membership !== undefined) attached.add(event.membership.channel.id);
    if (event.channelId !== undefined) detached.add(event.channelId);
  };
  const running = (async () => {
    try {
      for await (const { data, errors } of client.iterate<{ events: Event }>({ query: EVENTS })) {
        if (errors !== undefined) throw new Error(JSON.stringify(errors));
        if (data) take(data.events);
      }
    } catch (error) {
      // A close ends it; its code is kept.
      ready.reject(error);
    }
  })();
  ready.promise.catch(() => undefined);
  await ready.promise;
  return {
    texts,
    attached,
    detached,
    closedBy: () => closedBy,
    stop: async () => {
      await client.dispose();
      client.terminate();
      await running;
    },
  };
}
