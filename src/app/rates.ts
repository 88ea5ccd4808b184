/** How much may be written, by the settings: counted with the other replicas where there is a Redis. */

import type { Logger } from '../chat/logger.ts';
import type { SharedRates } from '../chat/rates/port.ts';
import { type CountedRates, createRates } from '../chat/rates/rates.ts';
import type { Config } from '../config/config.ts';
import type { Relational } from '../stores/relational/open.ts';

export interface OpenedRates {
  readonly rates: CountedRates;
  close(): Promise<void>;
}

/** Whoever opens them closes them. */
export async function openRates(
  { stores, rates: limits }: Config,
  relational: Pick<Relational, 'installationId'>,
  logger: Logger,
): Promise<OpenedRates> {
  const shared: SharedRates | null =
    stores.redis === null ? null : await overRedis(stores.redis.url, relational, logger);
  const rates = createRates({
    limits,
    shared,
    onFailure: (error) =>
      logger.debug({ err: error }, 'Redis: what was sent is counted by this replica alone.'),
  });
  return { rates, close: async () => shared?.close() };
}

async function overRedis(
  url: string,
  relational: Pick<Relational, 'installationId'>,
  logger: Logger,
): Promise<SharedRates> {
  // Loaded where it is used: it takes memory.
  const { createRedisRates } = await import('../realtime/redis/shared-rates.ts');
  return createRedisRates({ url, prefix: `backscroll:${await relational.installationId()}:`, logger });
}
