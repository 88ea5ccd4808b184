import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { describeWith, serviceUrl } from '../../../test/services.ts';
import type { Clock } from '../../chat/clock.ts';
import { silentLogger } from '../../chat/logger.ts';
import { ephemeralStoreContract } from '../ephemeral-store.contract.ts';
import type { EphemeralStore, RetainBounds } from '../ephemeral-store.ts';
import { createRedisStore } from './ephemeral-store.ts';

async function open(
  prefix: string,
  options: { readonly clock: Clock; readonly bounds?: RetainBounds },
): Promise<EphemeralStore> {
  const store = createRedisStore({ ...options, url: serviceUrl('redis'), prefix, logger: silentLogger });
  // It refuses while it is not connected.
  await vi.waitFor(() => store.presence([]), { timeout: 10_000 });
  return store;
}

await describeWith(['redis'], 'over Redis', () => {
  ephemeralStoreContract('redis', {
    ends: async (options) => {
      const prefix = `test-${randomUUID()}:`;
      return [await open(prefix, options), await open(prefix, options)];
    },
    wait: (ms) => sleep(ms),
  });

  test('installations that share a Redis know nothing of each other', async () => {
    const clock = { now: () => Date.now() };
    const [mine, other] = [await open('one:', { clock }), await open(`${randomUUID()}:`, { clock })];
    const channel = { organizationId: 'o', channelId: randomUUID() };
    await mine.replacePresence('r', new Map([['o:u', { presence: 'ACTIVE', isLingering: false }]]), 1_000);
    await mine.retain(channel, { userId: 'u', name: 'n', payload: null, key: null, sentAt: Date.now() });
    expect(await other.presence(['o:u'])).toEqual([[]]);
    expect(await other.retained([channel])).toEqual([[]]);
    expect((await mine.retained([channel]))[0]).toHaveLength(1);
    await Promise.all([mine.close(), other.close()]);
  });
});
