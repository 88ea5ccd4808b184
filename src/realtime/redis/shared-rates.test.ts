import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test, vi } from 'vitest';
import { describeWith, serviceUrl } from '../../../test/services.ts';
import { silentLogger } from '../../chat/logger.ts';
import type { SharedRates } from '../../chat/rates/port.ts';
import { Windows } from '../../chat/rates/windows.ts';
import { createRedisRates } from './shared-rates.ts';

const limit = { most: 100, perMs: 5_000 };
const opened: SharedRates[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((rates) => rates.close()));
});

async function open(prefix: string): Promise<SharedRates> {
  const rates = createRedisRates({ url: serviceUrl('redis'), prefix, logger: silentLogger });
  opened.push(rates);
  // It refuses while it is not connected.
  await vi.waitFor(() => rates.counts('warm', limit).add(randomUUID(), 1), { timeout: 10_000 });
  return rates;
}

await describeWith(['redis'], 'counts over Redis', () => {
  test('replicas count together, over the limit too; limits, keys and installations apart', async () => {
    const prefix = `test-${randomUUID()}:`;
    const [one, other] = [await open(prefix), await open(prefix)];
    expect(await one.counts('user', limit).add('ada', 3)).toMatchObject({ count: 3 });
    const { count, leftMs } = await other.counts('user', limit).add('ada', 400);
    expect(count).toBe(403);
    expect(leftMs).toBeGreaterThan(0);
    expect(leftMs).toBeLessThanOrEqual(5_000);
    expect(await one.counts('user', limit).add('grace', 1)).toMatchObject({ count: 1 });
    expect(await one.counts('channel', limit).add('ada', 1)).toMatchObject({ count: 1 });
    const elsewhere = await open(`test-${randomUUID()}:`);
    expect(await elsewhere.counts('user', limit).add('ada', 1)).toMatchObject({ count: 1 });
  });

  test('a window ends with its time, and the next begins from nothing', async () => {
    const rates = await open(`test-${randomUUID()}:`);
    const second = rates.counts('user', { most: 2, perMs: 1_000 });
    expect(await second.add('ada', 2)).toMatchObject({ count: 2 });
    await sleep(1_050);
    expect(await second.add('ada', 1)).toMatchObject({ count: 1 });
  });

  test('two replicas hold one limit, but for a portion', async () => {
    const prefix = `test-${randomUUID()}:`;
    const replicas = [await open(prefix), await open(prefix)].map(
      (rates) => new Windows({ limit: { ...limit, perMs: 60_000 }, shared: rates.counts('user', limit) }),
    );
    let taken = 0;
    for (let i = 0; i < 240; i += 1) {
      for (const windows of replicas) {
        if (windows.wait('ada') > 0) continue;
        windows.take('ada');
        taken += 1;
      }
      // Answers come: nobody sends that fast by hand.
      await sleep(2);
    }
    expect(taken).toBeGreaterThanOrEqual(100);
    expect(taken).toBeLessThanOrEqual(130);
  });
});

test('a Redis that is not there rejects at once, and closing is quick', async () => {
  const rates = createRedisRates({ url: 'redis://127.0.0.1:1', prefix: 'x', logger: silentLogger });
  await expect(rates.counts('user', limit).add('ada', 1)).rejects.toThrow('not ready');
  await rates.close();
});
