/** Subscriptions over one WebSocket (graphql-ws), with the document's own types. */
import { type Client, createClient } from 'graphql-ws';
import type { TypedDocumentString } from './generated/graphql.ts';
import type { Server } from './http.ts';

/** Opens the socket at the first subscription and closes it after the last; Node 24 and browsers bring WebSocket. */
export const connect = (server: Server): Client =>
  createClient({
    url: new URL('/graphql', server.url.replace(/^http/, 'ws')).href,
    connectionParams: { authorization: `Bearer ${server.token}` },
  });

/** Leaving the loop (`break`, `return`) ends the subscription. */
export async function* subscribe<Result, Variables extends Record<string, unknown>>(
  client: Client,
  document: TypedDocumentString<Result, Variables>,
  variables: Variables,
): AsyncGenerator<Result> {
  const results = client.iterate<Result>({ query: document.toString(), variables });
  for await (const { data, errors } of results) {
    if (errors !== undefined) throw new Error(errors.map((e) => e.message).join('; '));
    if (data !== undefined && data !== null) yield data;
  }
}
