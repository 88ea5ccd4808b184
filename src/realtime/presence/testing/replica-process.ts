/** A replica of its own process, which a test kills: `node replica-process.ts REDIS_URL PREFIX ORGANIZATION USER`. */
import { systemClock } from '../../../chat/clock.ts';
import { silentLogger } from '../../../chat/logger.ts';
import { createRedisBus } from '../../redis/bus.ts';
import { createRedisStore } from '../../redis/ephemeral-store.ts';
import { createPresence } from '../presence.ts';
import { short } from './short.ts';

const [url = '', prefix = '', organizationId = '', userId = ''] = process.argv.slice(2);
const common = { url, prefix, logger: silentLogger };
const store = createRedisStore({ ...common, clock: systemClock });
const presence = createPresence({
  bus: createRedisBus(common),
  store,
  replicaId: 'killed',
  logger: silentLogger,
  timings: short,
});
presence.connections.came({ organizationId, userId }, 'connection');
// Killed sooner, in all tests that pass; never left behind by one that does not.
setTimeout(() => process.exit(1), 60_000);
