/** The program as `serve` starts it, with one setting more that is of the log and not of the product: its bucket size. */
import pino from 'pino';
import { startApp } from '../../src/app.ts';
import { readConfig } from '../../src/config/config.ts';

const bucketSize = process.env.TEST_BUCKET_SIZE;
const app = await startApp(readConfig(process.env), pino(), {
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
