/**
 * Backscroll itself with what its peers have, a Redis between publishing and subscribers, and what they do not do:
 * every message is saved first, here in the embedded log. (`serve` refuses this pair of settings, since replicas would
 * not share that log; of one process it measures all that is Backscroll's.)
 */
import { startApp } from '../../src/app.ts';
import { saveMemoryAtRest } from '../../src/cli/at-rest.ts';
import { createLogger } from '../../src/cli/logger.ts';
import { stopOnSignals } from '../../src/cli/stop-on-signals.ts';
import { readConfig } from '../../src/config/config.ts';

const [redisUrl] = process.argv.slice(2);
if (redisUrl === undefined) throw new Error('REDIS_URL is needed');
const config = readConfig();
const stop = stopOnSignals(() => undefined);
// As `serve` does.
saveMemoryAtRest();
const app = await startApp(
  { ...config, stores: { ...config.stores, redis: { url: redisUrl } } },
  createLogger(config.log.level),
);
stop.signal.addEventListener('abort', () => {
  app.close().then(
    () => process.exit(),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
