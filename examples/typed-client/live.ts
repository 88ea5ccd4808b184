/** Subscriptions over one WebSocket (graphql-ws), with the document's own types. The socket comes back by itself. */
import { type Client, createClient } from 'graphql-ws';
import type { TypedDocumentString } from './generated/graphql.ts';
import type { Server } from './http.ts';

const LONGEST_PAUSE_MS = 30_000;

export interface LineOptions {
  /** Before it first comes back, at most; longer each time, up to half a minute. */
  readonly pauseMs?: number;
  /** A line on which nothing was heard for this long is asked; one that does not answer within as long is given up. */
  readonly keepAliveMs?: number;
}

/** Opens the socket at the first subscription and closes it after the last; Node 24 and browsers bring WebSocket. */
export function connect(server: Server, { pauseMs = 1_000, keepAliveMs = 10_000 }: LineOptions = {}): Client {
  let isSilent: ReturnType<typeof setTimeout> | undefined;
  const heard = (): void => clearTimeout(isSilent);
  const client = createClient({
    url: new URL('/graphql', server.url.replace(/^http/, 'ws')).href,
    connectionParams: { authorization: `Bearer ${server.token}` },
    // It would try five times. And it would take a server that is not there for the end of all subscriptions:
    // that is no close but an error. Closes after which there is no coming back (4401, say) end them all the same.
    retryAttempts: Number.POSITIVE_INFINITY,
    shouldRetry: () => true,
    // Its own pauses grow without end. Drawn, so that not all come back at once.
    retryWait: (retries) => {
      const most = Math.min(pauseMs * 2 ** retries, LONGEST_PAUSE_MS);
      return new Promise((resolve) => setTimeout(resolve, most * (0.5 + Math.random() / 2)));
    },
    // A line that is gone without a word (the device slept, the network changed) would never be noticed.
    keepAlive: keepAliveMs,
    on: {
      ping: (isReceived) => {
        if (!isReceived) isSilent = setTimeout(() => client.terminate(), keepAliveMs);
      },
      pong: heard,
      closed: heard,
    },
  });
  return client;
}

/**
 * Leaving the loop (`break`, `return`) ends the subscription. After a reconnection it is asked for again, with the
 * variables as they are then: `received` sees each result as it arrives, before the loop gets to it, to move them on.
 */
export async function* subscribe<Result, Variables extends Record<string, unknown>>(
  client: Pick<Client, 'subscribe'>,
  document: TypedDocumentString<Result, Variables>,
  variables: Variables,
  received: (result: Result) => void = () => undefined,
): AsyncGenerator<Result> {
  let isLeft = false;
  let end = (): void => undefined;
  // How it ended waits its turn, behind all that came before.
  const results = new ReadableStream<{ readonly data: Result } | { readonly reason: unknown }>({
    start: (waiting) => {
      end = client.subscribe<Result>(
        { query: document.toString(), variables },
        {
          next: ({ data }) => {
            if (isLeft || data === undefined || data === null) return;
            received(data);
            waiting.enqueue({ data });
          },
          error: (reason) => {
            if (isLeft) return;
            waiting.enqueue({ reason });
            waiting.close();
          },
          complete: () => {
            if (!isLeft) waiting.close();
          },
        },
      );
    },
    cancel: () => {
      isLeft = true;
      end();
    },
  });
  for await (const result of results) {
    if ('reason' in result) throw result.reason;
    yield result.data;
  }
}
