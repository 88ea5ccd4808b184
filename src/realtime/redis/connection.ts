/**
 * The two connections to Redis. One publishes and fails at once while it is down: a hint that comes late is worth
 * nothing. The other listens and waits for Redis for ever, joining its topics again each time.
 */
import { type Command, Redis } from 'ioredis';

/** A peer that says nothing for this long, though asked, is taken for dead: its connection is made anew. */
const SILENCE_MS = 3_000;
const CONNECT_MS = 2_000;
const RECONNECT_FIRST_MS = 50;
const RECONNECT_MAX_MS = 1_000;

const shared = {
  connectTimeout: CONNECT_MS,
  socketTimeout: SILENCE_MS,
  retryStrategy: (attempt: number) => Math.min(RECONNECT_FIRST_MS * 2 ** (attempt - 1), RECONNECT_MAX_MS),
};

/** A connection whose every rejection is heard. */
export class Connection extends Redis {
  override sendCommand(...[command, stream]: Parameters<Redis['sendCommand']>): unknown {
    // graphql-redis-subscriptions drops the promise of each unsubscribe, and ioredis that of each resubscribe.
    // Unheard, one rejection at a bad moment would end the process.
    hear(command);
    return super.sendCommand(command, stream);
  }
}

const hear = (command: Command): void => {
  command.promise.catch(() => undefined);
};

/** Whatever is under way when the connection breaks is rejected at once, and never sent again. */
export const connectPublisher = (url: string): Connection =>
  new Connection(url, { ...shared, enableOfflineQueue: false, maxRetriesPerRequest: 0 });

export const connectSubscriber = (url: string): Connection =>
  new Connection(url, { ...shared, maxRetriesPerRequest: null });
