/** mercurius on Fastify, with mqemitter-redis as its emitter, as its documentation has it. */
import Fastify from 'fastify';
import mercurius from 'mercurius';
import mqemitterRedis from 'mqemitter-redis';
import { type Context, type Event, fields, mutations, topicOf, typeDefs, viewerIn } from './chat-schema.ts';
import { peerSettings, ready } from './serve.ts';

const settings = peerSettings();
const app = Fastify();

interface Publisher {
  publish(message: { topic: string; payload: object }): Promise<void> | void;
}

/** The mutations, with mercurius's own pubsub in their context. */
const publishing = ({ pubsub, viewer }: { pubsub: Publisher; viewer: Context['viewer'] }): Context => ({
  viewer,
  publish: async (channelId, event: Event) =>
    pubsub.publish({ topic: topicOf(channelId), payload: { channelEvents: event } }),
});

await app.register(mercurius, {
  schema: typeDefs,
  resolvers: {
    ...fields,
    Mutation: Object.fromEntries(
      Object.entries(mutations).map(([name, resolve]) => [
        name,
        (root: unknown, args: never, context: never) => resolve(root, args, publishing(context)),
      ]),
    ),
    Subscription: {
      channelEvents: {
        subscribe: (
          _: unknown,
          { channelId }: { channelId: string },
          { pubsub }: mercurius.MercuriusContext,
        ) => pubsub.subscribe(topicOf(channelId)),
      },
    },
  } as mercurius.IResolvers,
  context: (request) => ({ viewer: viewerIn(request.headers.authorization) }),
  subscription: {
    emitter: mqemitterRedis({ connectionString: settings.redisUrl }),
    onConnect: ({ payload }) => ({ viewer: viewerIn(payload?.authorization) }),
  },
});

await app.listen({ port: settings.port, host: '127.0.0.1' });
ready();
