/** Stores that go away in the middle: sends are saved or say UNAVAILABLE, and no follower misses anything. */
import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, test } from 'vitest';
import { describeWith } from '../services.ts';
import { gather } from './crowd.ts';
import { type Fleet, startFleet } from './fleet.ts';

const services = (...args: readonly string[]) =>
  promisify(execFile)('scripts/services', args, { timeout: 90_000 });

await describeWith(['postgres', 'cassandra', 'redis'], 'a store that goes away', () => {
  let fleet: Fleet;
  beforeAll(async () => {
    fleet = await startFleet(2);
  }, 120_000);
  afterAll(() => fleet?.stop(), 60_000);

  /** 20 writers write on while `outage` happens; the writing lasts at least as long as it. */
  async function throughout(outage: () => Promise<void>): Promise<void> {
    const crowd = await gather(fleet, 50);
    try {
      const written = new Map<number, string>();
      let isOver = false;
      const happening = sleep(500)
        .then(outage)
        .finally(() => {
          isOver = true;
        });
      const add = async () => {
        for (const [seq, text] of await crowd.write(200, 20)) written.set(seq, text);
      };
      while (!isOver || written.size < 2_000) await add();
      await happening;
      await crowd.expectComplete(written);
    } finally {
      await crowd.stop();
    }
  }

  test('Redis away for 10 s', async () => {
    await throughout(async () => {
      await services('stop', 'redis');
      await sleep(10_000);
      await services('start', 'redis');
    });
  });

  test('Postgres restarted', async () => {
    await throughout(async () => {
      await services('stop', 'postgres');
      await sleep(2_000);
      await services('start', 'postgres');
    });
  });
});
