/**
 * The usual recipe: graphql-yoga over HTTP, graphql-ws over ws, graphql-redis-subscriptions between servers, put
 * together as their documentation has it. With a PostgreSQL each message is saved there before it is published.
 */
import { createServer } from 'node:http';
import { RedisPubSub } from 'graphql-redis-subscriptions';
import { useServer } from 'graphql-ws/use/ws';
import { createSchema, createYoga, type YogaInitialContext } from 'graphql-yoga';
import { Redis } from 'ioredis';
import { WebSocketServer } from 'ws';
import { type Context, fields, mutations, topicOf, typeDefs, viewerIn } from './chat-schema.ts';
import { peerSettings, serve } from './serve.ts';
import { storedMessages, storedTypeDefs } from './stored-messages.ts';

const settings = peerSettings();
const stored = settings.databaseUrl === null ? null : await storedMessages(settings.databaseUrl);
const pubSub = new RedisPubSub({
  publisher: new Redis(settings.redisUrl),
  subscriber: new Redis(settings.redisUrl),
});

/** What a context is made from; the parameters are there on a WebSocket. */
interface Initial extends YogaInitialContext {
  readonly connectionParams?: { readonly authorization?: unknown };
}

const contextOf = (authorization: unknown): Context => ({
  viewer: viewerIn(authorization),
  ...(stored && { authors: stored.authors() }),
  publish: (channelId, event) => pubSub.publish(topicOf(channelId), { channelEvents: event }),
});

const yoga = createYoga({
  schema: createSchema<Initial & Context>({
    typeDefs: stored === null ? typeDefs : [typeDefs, storedTypeDefs],
    resolvers: {
      ...fields,
      Mutation: mutations,
      ...stored?.resolvers,
      Query: { ...fields.Query, ...stored?.resolvers.Query },
      Subscription: {
        channelEvents: {
          subscribe: (_: unknown, { channelId }: { channelId: string }) =>
            pubSub.asyncIterator(topicOf(channelId)),
        },
      },
    },
  }),
  logging: 'error',
  context: ({ request, connectionParams }: Initial) =>
    contextOf(connectionParams?.authorization ?? request.headers.get('authorization')),
});

const server = createServer(yoga);
useServer(
  {
    execute: (args) => rootOf(args).execute(args),
    subscribe: (args) => rootOf(args).subscribe(args),
    onSubscribe: async (connection, _id, params) => {
      const { schema, execute, subscribe, contextFactory, parse, validate } = yoga.getEnveloped({
        ...connection,
        req: connection.extra.request,
        socket: connection.extra.socket,
        params,
      });
      const args = {
        schema,
        operationName: params.operationName,
        document: parse(params.query),
        variableValues: params.variables,
        contextValue: await contextFactory(),
        rootValue: { execute, subscribe },
      };
      const errors = validate(args.schema, args.document);
      return errors.length > 0 ? errors : args;
    },
  },
  new WebSocketServer({ server, path: yoga.graphqlEndpoint, perMessageDeflate: false }),
);

/** What `onSubscribe` has put there. */
const rootOf = ({ rootValue }: { rootValue?: unknown }): ReturnType<typeof yoga.getEnveloped> =>
  rootValue as ReturnType<typeof yoga.getEnveloped>;

serve(server, settings);
