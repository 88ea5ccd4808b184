/** A connection is renewed through another replica over a real Redis. */
import { randomUUID } from 'node:crypto';
import { afterAll, expect, test } from 'vitest';
import { describeWith, serviceUrl } from '../../../test/services.ts';
import { silentLogger } from '../../chat/logger.ts';
import { createConnectionRegistry } from '../connections/registry.ts';
import { createRedisBus } from './bus.ts';

await describeWith(['redis'], 'connections over Redis', () => {
  const closing: (() => Promise<void>)[] = [];
  afterAll(async () => {
    for (const close of closing.reverse()) await close();
  });

  const prefix = `test-${randomUUID()}:`;
  const replica = async () => {
    const replicaId = randomUUID();
    const bus = createRedisBus({ url: serviceUrl('redis'), prefix, logger: silentLogger });
    const registry = createConnectionRegistry({ bus, replicaId, logger: silentLogger });
    closing.push(
      () => bus.close(),
      () => registry.close(),
    );
    // Joined after the registry's own topic.
    await bus.subscribe(randomUUID(), () => undefined).joined;
    return registry;
  };
  const viewer = {
    tenant: { organizationId: 'acme', slug: 'acme', cell: 'default', epoch: 1 },
    userId: 'ada',
    handle: 'ada',
    isAdmin: false,
    expiresAt: 0,
  };

  test('the holder is asked and answers; one that holds it no more has never had it', async () => {
    const [here, there] = await Promise.all([replica(), replica()]);
    const expiresAt = new Date(1_800_000_000_123);
    const connectionId = there.newId();
    const letGo = there.hold({ connectionId, expiring: null, renew: async () => expiresAt });
    expect(await here.renew(viewer, connectionId, 'token')).toEqual(expiresAt);
    letGo();
    await expect(here.renew(viewer, connectionId, 'token')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
