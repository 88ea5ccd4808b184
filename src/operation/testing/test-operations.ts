/** A small schema with what transports must cope with, and people whose tokens are their names. */
import { GraphQLInt, GraphQLList, GraphQLObjectType, GraphQLSchema, GraphQLString } from 'graphql';
import { toGraphQLError } from '../../../schema/errors.ts';
import type { Viewers } from '../../auth/viewers.ts';
import { forbidden, unauthenticated, unavailable } from '../../chat/errors.ts';
import { ResumeRequired } from '../../chat/live/port.ts';
import { silentLogger } from '../../chat/logger.ts';
import type { Viewer } from '../../chat/viewer.ts';
import type { DocumentRules } from '../documents.ts';
import { createOperations, type Operations } from '../operations.ts';

interface TestContext {
  readonly viewer: Viewer | null;
  readonly connectionId: string | null;
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
  const tree: GraphQLList<GraphQLObjectType> = new GraphQLList(
    new GraphQLObjectType({
      name: 'Tree',
      fields: () => ({
        name: { type: GraphQLString },
        tree: { type: tree, args: { first: { type: GraphQLInt } } },
      }),
    }),
  );
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
        tree: { type: tree, args: { first: { type: GraphQLInt } }, resolve: () => [] },
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

export const testViewers: Viewers = { of: viewerOf };

/** @param streams where event streams are while they are open. */
export const testOperations = (
  streams: Set<unknown>,
  isSchemaOpen = true,
  documents: DocumentRules = {},
): Operations =>
  createOperations({
    schema: schemaWith(streams),
    present: (error) => toGraphQLError(error),
    contextFor: (viewer, connectionId) => ({ viewer, connectionId }),
    // Its events are the same for everybody.
    eventContexts: {
      forAll: () => ({ value: {}, wasViewerAsked: false }),
      forEach: () => ({
        contextOf: (caller) => ({ value: { ...caller }, asked: { isOwn: true, questions: [] } }),
        answer: () => undefined,
        ask: () => null,
      }),
    },
    isSchemaOpen,
    documents,
    logger: silentLogger,
  });
