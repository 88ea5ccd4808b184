/** A Redis that is gone or hangs: each replica holds the limit by itself, nobody waits, and counting together goes on after. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { silentLogger } from '../../chat/logger.ts';
import { Windows } from '../../chat/rates/windows.ts';
import { isRedisInstalled, ownRedis } from '../testing/own-redis.ts';
import { createRedisRates } from './shared-rates.ts';

const limit = { most: 50, perMs: 3_600_000 };

test.runIf(isRedisInstalled() || process.env.REQUIRE_SERVICES === '1')(
  'two replicas through an outage',
  async () => {
    const redis = await ownRedis();
    await redis.start();
    const ends = [0, 1].map(() =>
      createRedisRates({ url: redis.url, prefix: 'test:', logger: silentLogger }),
    );
    const failures = vi.fn<(error: unknown) => void>();
    const replicas = ends.map(
      (end) => new Windows({ limit, shared: end.counts('user', limit), onFailure: failures }),
    );
    /** How many each lets through of a hundred, all at once; nothing of it is waited for. */
    const takeAll = (key: string): number[] =>
      replicas.map((windows) => {
        let taken = 0;
        for (let i = 0; i < 100; i += 1) {
          if (windows.wait(key) > 0) continue;
          windows.take(key);
          taken += 1;
        }
        return taken;
      });
    try {
      for (const end of ends) {
        await vi.waitFor(() => end.counts('warm', limit).add('x', 1), { timeout: 20_000 });
      }
      redis.pause();
      expect(takeAll('hangs')).toEqual([50, 50]);
      await vi.waitFor(() => expect(failures).toHaveBeenCalledTimes(2), { timeout: 20_000 });
      await redis.stop();
      failures.mockClear();
      await sleep(1_050);
      expect(takeAll('gone')).toEqual([50, 50]);
      await vi.waitFor(() => expect(failures).toHaveBeenCalledTimes(2), { timeout: 20_000 });
      // It begins anew, knowing nothing.
      await redis.start();
      for (const end of ends) {
        await vi.waitFor(() => end.counts('warm', limit).add('x', 1), { timeout: 20_000 });
      }
      await sleep(1_050);
      const [one, other] = replicas;
      for (let i = 0; i < 50; i += 1) one?.take('ada');
      await vi.waitFor(async () => expect(await redis.run('GET', 'test:rate:user:ada')).toBe('50'), {
        timeout: 20_000,
      });
      for (let i = 0; i < 5; i += 1) other?.take('ada');
      await vi.waitFor(() => expect(other?.wait('ada')).toBeGreaterThan(0), { timeout: 20_000 });
    } finally {
      await Promise.all(ends.map((end) => end.close()));
      await redis.stop();
    }
  },
);
