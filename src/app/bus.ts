/** What joins the replicas: the bus, and the store of what may be lost; over Redis, or within the process. */
import type { Clock } from '../chat/clock.ts';
import type { Logger } from '../chat/logger.ts';
import type { Config } from '../config/config.ts';
import type { Bus } from '../realtime/bus.ts';
import type { EphemeralStore } from '../realtime/ephemeral-store.ts';
import { createInProcessBus } from '../realtime/in-process/bus.ts';
import { createInProcessStore } from '../realtime/in-process/ephemeral-store.ts';
import { createRedisBus } from '../realtime/redis/bus.ts';
import { createRedisStore } from '../realtime/redis/ephemeral-store.ts';
import type { Relational } from '../stores/relational/open.ts';

export interface OpenedBus {
  readonly bus: Bus;
  readonly ephemeral: EphemeralStore;
}

export interface BusOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Looks at how each call to Redis goes. */
  readonly measure?: (opened: OpenedBus) => OpenedBus;
}

/** Whoever opens them closes both. */
export async function openBus(
  { stores }: Config,
  relational: Pick<Relational, 'installationId'>,
  { clock, logger, measure }: BusOptions,
): Promise<OpenedBus> {
  if (stores.redis === null) {
    return { bus: createInProcessBus(logger), ephemeral: createInProcessStore({ clock }) };
  }
  // Several installations may share a Redis.
  const common = {
    url: stores.redis.url,
    prefix: `backscroll:${await relational.installationId()}:`,
    logger,
  };
  const opened = { bus: createRedisBus(common), ephemeral: createRedisStore({ ...common, clock }) };
  return measure === undefined ? opened : measure(opened);
}
