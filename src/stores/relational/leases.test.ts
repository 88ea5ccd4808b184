/** The leases' contract on the embedded database and on Postgres, and what only several connections show. */
import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../../../test/services.ts';
import { freshChannel } from '../../chat/channels/testing/channels.ts';
import { leaseStoreContract } from '../../chat/live/leases.contract.ts';
import { silentLogger } from '../../chat/logger.ts';
import { freshTenant } from '../../chat/people/testing/tenant.ts';
import { openRelational, type Relational } from './open.ts';
import { createDatabase, onEachDatabase, type TestDatabase } from './testing/databases.ts';

await onEachDatabase('leases', leaseStoreContract);

await describeWith(['postgres'], 'leases with several at work on one Postgres', () => {
  let database: TestDatabase;
  let relational: Relational;
  let other: Client;
  beforeAll(async () => {
    database = await createDatabase();
    relational = await openRelational({ kind: 'postgres', url: database.url }, silentLogger);
    await relational.migrate();
    other = new Client({ connectionString: database.url });
    await other.connect();
  });
  afterAll(async () => {
    await other.end();
    await relational.close();
    await database.drop();
  });

  /** An organization with one member in one channel. */
  async function scene() {
    const { organizationId, people } = await freshTenant(relational, 1);
    const userId = people[0]?.id ?? '';
    const { id: channelId } = await freshChannel(relational, { organizationId, memberIds: [userId] });
    return { organizationId, userId, channelId };
  }

  test('what began first and was committed last is told, though the one in between was told before', async () => {
    const [late, early] = [await scene(), await scene()];
    const { position } = await relational.leases.revokedSince(null);
    await other.query('begin');
    await other.query('update organizations set membership_rev = membership_rev + 1 where id = $1', [
      late.organizationId,
    ]);
    await other.query(
      `insert into revocations (organization_id, rev, user_id, channel_id, reason) values ($1, 1, $2, $3, 'LEFT')`,
      [late.organizationId, late.userId, late.channelId],
    );
    await relational.memberships.remove({ ...early, actorId: early.userId });
    const between = await relational.leases.revokedSince(position);
    expect(between.revoked.map((one) => one.organizationId)).toContain(early.organizationId);
    expect(between.revoked.map((one) => one.organizationId)).not.toContain(late.organizationId);
    await other.query('commit');
    const after = await relational.leases.revokedSince(between.position);
    expect(after.revoked.map((one) => one.organizationId)).toContain(late.organizationId);
  });

  test('of two removals in one organization the later number is never seen without the earlier', async () => {
    const { organizationId, people } = await freshTenant(relational, 20);
    const ids = people.map(({ id }) => id);
    const { id: channelId } = await freshChannel(relational, { organizationId, memberIds: ids });
    const { position } = await relational.leases.revokedSince(null);
    let isDone = false;
    const looks: number[][] = [];
    const looking = (async () => {
      while (!isDone) {
        const { revoked } = await relational.leases.revokedSince(position);
        looks.push(revoked.filter((one) => one.organizationId === organizationId).map(({ rev }) => rev));
      }
    })();
    await Promise.all(
      ids.map((userId) =>
        relational.memberships.remove({ organizationId, channelId, userId, actorId: userId }),
      ),
    );
    isDone = true;
    await looking;
    for (const revs of looks) {
      expect(revs.toSorted((a, b) => a - b)).toEqual(Array.from({ length: revs.length }, (_, i) => i + 1));
    }
  });

  test('a renewal is not held up by requests that fill all connections', async () => {
    const locker = new Client({ connectionString: database.url });
    await locker.connect();
    await locker.query('begin');
    await locker.query('lock table users in access exclusive mode');
    const page = { limit: 10, backward: false };
    const held = Array.from({ length: 50 }, () => relational.users.page(crypto.randomUUID(), page));
    // All connections there are wait for that lock.
    const waiting =
      "select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    await expect.poll(async () => (await other.query(waiting)).rows[0].n, { timeout: 10_000 }).toBe(10);
    await relational.leases.extend('edge', 1, 10_000);
    expect((await relational.leases.live()).map(({ edgeId }) => edgeId)).toEqual(['edge']);
    await locker.end();
    await Promise.all(held);
  });
});
