/** An edge on a port of its own, with a small schema and people whose tokens are their names; and a bare client. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { GraphQLInt, GraphQLObjectType, GraphQLSchema, GraphQLString } from 'graphql';
import { WebSocket } from 'ws';
import { toGraphQLError } from '../../../schema/errors.ts';
import { forbidden, unauthenticated, unavailable } from '../../chat/errors.ts';
import { ResumeRequired } from '../../chat/live/port.ts';
import { silentLogger } from '../../chat/logger.ts';
import type { User } from '../../chat/people/port.ts';
import type { Viewer } from '../../chat/viewer.ts';
import { createOperations } from '../../operation/operations.ts';
import { createEdge, type Edge, type EdgePorts } from '../edge.ts';

interface TestContext {
  readonly viewer: Viewer | null;
  readonly connectionId: string | null;
}

export interface TestEdge {
  readonly edge: Edge;
  readonly url: string;
  /** Ids of people who were deactivated. */
  readonly shutOut: Set<string>;
  /** Event streams open now. */
  readonly streams: Set<unknown>;
  close(): Promise<void>;
}

/** Yields numbers without end; `stop` closes it. `bytes` makes each event that long, `failAfter` breaks it. */
function numbers(streams: Set<unknown>, options: { bytes: number; failAfter: number; everyMs: number }) {
  let n = 0;
  let release = (): void => undefined;
  let timer: NodeJS.Timeout | undefined;
  const done = { done: true as const, value: undefined };
  const stream: AsyncIterableIterator<{ n: number; text: string; cursor: string }> = {
    [Symbol.asyncIterator]: () => stream,
    next: async () => {
      n += 1;
      if (n > options.failAfter) throw new ResumeRequired('the queue is full');
      const { promise, resolve } = Promise.withResolvers<void>();
      release = resolve;
      timer = setTimeout(resolve, n === 1 ? 0 : options.everyMs);
      await promise;
      if (!streams.has(stream)) return done;
      return { done: false, value: { n, text: 'x'.repeat(options.bytes), cursor: `c${n}` } };
    },
    return: async () => {
      clearTimeout(timer);
      streams.delete(stream);
      release();
      return done;
    },
  };
  streams.add(stream);
  return stream;
}

function schemaWith(streams: Set<unknown>): GraphQLSchema {
  const event = new GraphQLObjectType<{ n: number; text: string }>({
    name: 'Event',
    fields: {
      n: { type: GraphQLInt },
      text: { type: GraphQLString },
      broken: {
        type: GraphQLString,
        resolve: () => {
          throw unavailable('database');
        },
      },
    },
  });
  const signedIn = ({ viewer }: TestContext): Viewer => {
    if (viewer === null) throw unauthenticated();
    return viewer;
  };
  return new GraphQLSchema({
    query: new GraphQLObjectType<unknown, TestContext>({
      name: 'Query',
      fields: {
        me: { type: GraphQLString, resolve: (_, __, context) => signedIn(context).handle },
        connection: { type: GraphQLString, resolve: (_, __, { connectionId }) => connectionId },
        bug: {
          type: GraphQLString,
          resolve: () => {
            throw new Error('select * from secrets');
          },
        },
        never: { type: GraphQLString, resolve: () => new Promise(() => undefined) },
        long: { type: GraphQLString, resolve: () => 'x'.repeat(2_000_000) },
      },
    }),
    mutation: new GraphQLObjectType<unknown, TestContext>({
      name: 'Mutation',
      fields: {
        echo: {
          type: GraphQLString,
          args: { text: { type: GraphQLString } },
          resolve: (_, { text }, context) => `${signedIn(context).handle}: ${text}`,
        },
      },
    }),
    subscription: new GraphQLObjectType<unknown, TestContext>({
      name: 'Subscription',
      fields: {
        numbers: {
          type: event,
          args: {
            bytes: { type: GraphQLInt, defaultValue: 1 },
            failAfter: { type: GraphQLInt, defaultValue: 1_000_000_000 },
            everyMs: { type: GraphQLInt, defaultValue: 5 },
          },
          subscribe: (_, args, context) => {
            signedIn(context);
            return numbers(streams, args);
          },
          resolve: (payload) => payload,
        },
      },
    }),
  });
}

/** Tokens: a name, `name@123` ends at that time, `bad`, `stranger` (no organization), `offline` (database away). */
async function viewerOf(token: string): Promise<Viewer> {
  if (token === 'stranger') throw forbidden('no such organization');
  if (token === 'offline') throw unavailable('database');
  const [handle = '', end] = token.split('@');
  const expiresAt = end === undefined ? Date.now() + 3_600_000 : Number(end);
  if (!/^[a-z]+$/.test(handle) || handle === 'bad' || expiresAt <= Date.now())
    throw unauthenticated('bad token');
  return {
    tenant: { organizationId: 'o', slug: 'o', cell: 'default', epoch: 1 },
    userId: handle,
    handle,
    isAdmin: false,
    expiresAt,
  };
}

export async function startEdge(options: Partial<EdgePorts> = {}): Promise<TestEdge> {
  const streams = new Set<unknown>();
  const shutOut = new Set<string>();
  const absent = () => Promise.reject(new Error('not asked for here'));
  const operations = createOperations({
    schema: schemaWith(streams),
    present: (error) => toGraphQLError(error),
    contextFor: (viewer, connectionId) => ({ viewer, connectionId }),
    isSchemaOpen: true,
    logger: silentLogger,
  });
  const edge = createEdge({
    operations,
    viewers: { of: viewerOf },
    users: {
      byIds: async (organizationId, ids) =>
        ids.map(
          (id): User => ({
            id,
            organizationId,
            subject: id,
            handle: id,
            name: id,
            avatarUrl: null,
            isBot: false,
            deactivatedAt: shutOut.has(id) ? new Date() : null,
          }),
        ),
      bySubject: absent,
      provision: absent,
      byHandles: absent,
      page: absent,
      deactivate: absent,
    },
    clock: { now: () => Date.now() },
    logger: silentLogger,
    ...options,
  });
  const server = createServer().on('upgrade', edge.upgrade).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return {
    edge,
    url: `ws://127.0.0.1:${address.port}/graphql`,
    shutOut,
    streams,
    close: async () => {
      await edge.close();
      server.closeAllConnections();
      server.close();
    },
  };
}

interface Message {
  readonly id?: string;
  readonly type: string;
  readonly payload?: unknown;
}

/** A client that sends what it is told and keeps what it hears. */
export class TestClient {
  readonly heard: Message[] = [];
  readonly ws: WebSocket;
  /** Code and reason, once closed. */
  readonly closed: Promise<{ code: number; reason: string }>;
  #heardMore = Promise.withResolvers<undefined>();

  constructor(url: string, protocol = 'graphql-transport-ws') {
    this.ws = new WebSocket(url, protocol);
    this.ws.on('message', (data) => {
      this.heard.push(JSON.parse(String(data)));
      this.#heardMore.resolve(undefined);
      this.#heardMore = Promise.withResolvers<undefined>();
    });
    this.ws.on('error', () => undefined);
    const { promise, resolve } = Promise.withResolvers<{ code: number; reason: string }>();
    this.closed = promise;
    this.ws.once('close', (code, reason) => resolve({ code, reason: String(reason) }));
  }

  /** Connects and asks to be let in, without waiting for the answer. */
  static async knock(url: string, params?: object): Promise<TestClient> {
    const client = new TestClient(url);
    await once(client.ws, 'open');
    client.send({ type: 'connection_init', ...(params ? { payload: params } : {}) });
    return client;
  }

  static async open(url: string, params?: object): Promise<TestClient> {
    const client = await TestClient.knock(url, params);
    await client.expect('connection_ack');
    return client;
  }

  send(message: object | string): void {
    this.ws.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  subscribe(id: string, query: string, more: object = {}): void {
    this.send({ id, type: 'subscribe', payload: { query, ...more } });
  }

  /** The first message that fits, heard already or yet to come; rejects when the socket closes before. */
  async expect(type: string, id?: string): Promise<Message> {
    for (;;) {
      const found = this.heard.find((m) => m.type === type && (id === undefined || m.id === id));
      if (found) return found;
      const closed = await Promise.race([this.#heardMore.promise, this.closed]);
      if (closed) throw new Error(`closed with ${closed.code} ${closed.reason} while waiting for ${type}`);
    }
  }
}
