import { expect, test, vi } from 'vitest';
import type { Viewer } from '../viewer.ts';
import type { PresencePort } from './port.ts';
import { createPresenceService } from './presence.ts';

const viewer = (userId: string): Viewer => ({
  tenant: { organizationId: 'acme', slug: 'acme', cell: 'default', epoch: 1 },
  userId,
  handle: userId,
  isAdmin: false,
  expiresAt: 0,
});

test('whoever says of themselves too often how they are is refused before anybody is told, and nobody else is', async () => {
  let now = 0;
  const say = vi.fn(async () => true);
  const presence: PresencePort = { say, of: async () => [], watch: () => expect.fail('nobody watches') };
  const users = { byIds: async () => [] };
  const service = createPresenceService({ presence, users }, () => now);
  const set = (userId: string, connectionId: string | null) =>
    service.set(viewer(userId), 'AWAY', connectionId);
  for (let i = 0; i < 20; i += 1) expect(await set('ada', i % 2 === 0 ? null : 'c')).toBe(true);
  for (const connection of [null, 'c']) {
    await expect(set('ada', connection)).rejects.toMatchObject({ code: 'RATE_LIMITED', retryAfterMs: 50 });
  }
  expect(say).toHaveBeenCalledTimes(20);
  expect(await set('grace', null)).toBe(true);
  now += 50;
  expect(await set('ada', null)).toBe(true);
});
