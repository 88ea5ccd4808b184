/**
 * What replicas count together, in Redis, by rate-limiter-flexible: one atomic step adds to a key that lapses with its
 * window. Of the package only the class for Redis is loaded: all of it takes 6 MB more.
 */
import type { RateLimiterRedis } from 'rate-limiter-flexible';
import RedisLimiter from 'rate-limiter-flexible/lib/RateLimiterRedis.js';
import { settlesWithin } from '../../chat/closing.ts';
import type { Logger } from '../../chat/logger.ts';
import type { SharedRates } from '../../chat/rates/port.ts';
import { connectPublisher } from './connection.ts';
import { soon } from './soon.ts';

const CALL_MS = 750;
const CLOSE_MS = 500;
/** Answers awaited at once; above that what was counted is not told, as if Redis were away. */
const UNDER_WAY = 1_024;

export interface RedisRatesOptions {
  readonly url: string;
  /** Before each key: names the installation. */
  readonly prefix: string;
  readonly logger: Logger;
}

export function createRedisRates({ url, prefix, logger }: RedisRatesOptions): SharedRates {
  const redis = connectPublisher(url);
  redis.on('error', (error) => logger.debug({ err: error }, 'Redis: connection error.'));
  let underWay = 0;

  return {
    counts(name, { most, perMs }) {
      const limiter: RateLimiterRedis = new RedisLimiter({
        storeClient: redis,
        keyPrefix: `${prefix}rate:${name}`,
        points: most,
        duration: perMs / 1_000,
        rejectIfRedisNotReady: true,
      });
      return {
        async add(key, taken) {
          if (underWay >= UNDER_WAY) throw new Error('Too much is under way to Redis.');
          underWay += 1;
          try {
            // `penalty` counts without judging: who has taken too much is known where it is asked for.
            const { consumedPoints, msBeforeNext } = await soon(CALL_MS, limiter.penalty(key, taken));
            return { count: consumedPoints, leftMs: msBeforeNext };
          } finally {
            underWay -= 1;
          }
        },
      };
    },

    async close() {
      if (redis.status === 'ready') await settlesWithin(CLOSE_MS, redis.quit());
      redis.disconnect();
    },
  };
}
