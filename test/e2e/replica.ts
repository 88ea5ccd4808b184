/** The program as `serve` starts it, with one setting more that is of the log and not of the product: its bucket size. */
import { startApp } from '../../src/app.ts';
import { createLogger } from '../../src/cli/logger.ts';
import { readConfig } from '../../src/config/config.ts';

const bucketSize = process.env.TEST_BUCKET_SIZE;
const config = readConfig(process.env);
const app = await startApp(config, createLogger(config.log.level), {
  ...(bucketSize === undefined ? {} : { bucketSize: Number(bucketSize) }),
});
process.once('SIGTERM', () => {
  app
    .drain()
    .then(() => app.close())
    .then(
      () => process.exit(0),
      () => process.exit(1),
    );
});
