/** A Postgres that is stopped, frozen or killed under load: every call settles with a code, then all works by itself. */
import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../../../test/services.ts';
import { freshChannel } from '../../chat/channels/testing/channels.ts';
import { ChatError } from '../../chat/errors.ts';
import { silentLogger } from '../../chat/logger.ts';
import { freshTenant } from '../../chat/people/testing/tenant.ts';
import { openRelational, type Relational } from './open.ts';
import { createDatabase, type TestDatabase } from './testing/databases.ts';

const services = (...args: readonly string[]) =>
  promisify(execFile)('scripts/services', args, { timeout: 60_000 });

await describeWith(['postgres'], 'an outage of Postgres', () => {
  let own: TestDatabase;
  let relational: Relational;
  beforeAll(async () => {
    own = await createDatabase();
    relational = await openRelational({ kind: 'postgres', url: own.url }, silentLogger);
    await relational.migrate();
  });
  afterAll(async () => {
    await relational.close();
    await own.drop();
  });

  /** 20 callers that write and read all the time, until `outage` is over and a little longer. */
  async function throughout(outage: () => Promise<unknown>): Promise<void> {
    const { organizationId, people } = await freshTenant(relational, 20);
    const memberIds = people.map((user) => user.id);
    const { id: channelId } = await freshChannel(relational, { organizationId, memberIds });
    let isOver = false;
    const codes = new Set<string>();
    const acknowledged = new Map<string, number>();
    const callers = memberIds.map(async (userId) => {
      for (let to = 1; !isOver; to++) {
        try {
          const move = { organizationId, channelId, userId, checkpoint: { to, backward: false } };
          await relational.memberships.advance([move]);
          acknowledged.set(userId, to);
          await relational.memberships.ofUser(organizationId, userId, [channelId]);
        } catch (error) {
          codes.add(error instanceof ChatError ? error.code : String(error));
          await sleep(20);
        }
      }
    });
    try {
      await sleep(500);
      await outage();
      const isUp = () =>
        relational.ping().then(
          () => true,
          () => false,
        );
      await expect.poll(isUp, { timeout: 30_000 }).toBe(true);
      await sleep(500);
    } finally {
      isOver = true;
      // Whatever happened, the next suite finds it running: this does nothing where it does.
      await services('start', 'postgres');
    }
    await Promise.all(callers);

    expect([...codes].filter((code) => code !== 'UNAVAILABLE')).toEqual([]);
    expect(codes).toContain('UNAVAILABLE');
    const after = await relational.memberships.pageOfChannel(organizationId, channelId, {
      limit: 50,
      backward: false,
    });
    expect(after.items).toHaveLength(20);
    for (const { node } of after.items) {
      expect(node.checkpoint).toBeGreaterThanOrEqual(acknowledged.get(node.userId) ?? 1);
    }
  }

  test('stopped and started', () =>
    throughout(async () => {
      await services('stop', 'postgres');
      await sleep(1_000);
      await services('start', 'postgres');
    }));

  test('killed and started: what was answered is kept', () =>
    throughout(async () => {
      await services('kill', 'postgres');
      await sleep(500);
      await services('start', 'postgres');
    }));

  test('frozen for longer than the deadlines', () =>
    throughout(async () => {
      await services('pause', 'postgres');
      await sleep(12_000);
      await services('resume', 'postgres');
    }));
});
