/** Two replicas on one Postgres that write the same rows in any order: nobody waits for each other for ever. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../../../test/services.ts';
import type { MembershipStore } from '../../chat/channels/port.ts';
import { freshChannel, freshThread } from '../../chat/channels/testing/channels.ts';
import { threadIdOf } from '../../chat/channels/thread-id.ts';
import { silentLogger } from '../../chat/logger.ts';
import { freshTenant } from '../../chat/people/testing/tenant.ts';
import { openRelational, type Relational } from './open.ts';
import { createDatabase, type TestDatabase } from './testing/databases.ts';

type Move = Parameters<MembershipStore['advance']>[0][number];

await describeWith(['postgres'], 'two replicas on one Postgres', () => {
  let database: TestDatabase;
  let replicas: readonly Relational[] = [];
  beforeAll(async () => {
    database = await createDatabase();
    const open = () => openRelational({ kind: 'postgres', url: database.url }, silentLogger);
    replicas = await Promise.all([open(), open()]);
    await replicas[0]?.migrate();
  });
  afterAll(async () => {
    await Promise.all(replicas.map((replica) => replica.close()));
    await database.drop();
  });

  const shuffled = <T>(items: readonly T[]): readonly T[] =>
    items
      .map((item) => ({ item, by: Math.random() }))
      .sort((a, b) => a.by - b.by)
      .map(({ item }) => item);

  test('who follows a thread while their removal from its channel is under way waits for it, and does not', async () => {
    const [first, second] = replicas;
    if (first === undefined || second === undefined) throw new Error('two replicas');
    const { organizationId, people } = await freshTenant(first, 2);
    const [author = '', leaver = ''] = people.map((user) => user.id);
    const parent = await freshChannel(first, { organizationId, memberIds: [author, leaver] });
    const thread = await freshThread(first, parent, { authorId: author });
    const other = new Client({ connectionString: database.url });
    await other.connect();
    try {
      // Another replica's removal, as far as the deletion: a transaction that is not committed yet.
      await other.query('begin');
      await other.query('select from channels where id = $1 for no key update', [parent.id]);
      await other.query('delete from memberships where channel_id = $1 and user_id = $2', [
        parent.id,
        leaver,
      ]);
      const input = { organizationId, threadId: thread.id, userIds: [leaver], checkpoint: 0 };
      const following = second.memberships.follow(input);
      // Until it waits for that transaction, or has not waited.
      await Promise.race([following, waitsForLock()]);
      await other.query('commit');
      expect(await following).toEqual({ memberships: [], made: [] });
    } finally {
      await other.end();
    }
  });

  /** Returns once some statement on this database waits for a lock. */
  async function waitsForLock(): Promise<void> {
    // On a connection of its own: within a transaction one would see the same activity again and again.
    const client = new Client({ connectionString: database.url });
    await client.connect();
    try {
      const waiting =
        "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
      while ((await client.query(waiting)).rowCount === 0) await sleep(5);
    } finally {
      await client.end();
    }
  }

  test('reading, following, leaving, joining, roles, archives and activity at once: no deadlock, nothing left behind', async () => {
    const [first, second] = replicas;
    if (first === undefined || second === undefined) throw new Error('two replicas');
    const { organizationId, people } = await freshTenant(first, 6);
    const ids = people.map((user) => user.id);
    const [admin = ''] = ids;
    const channels = await Promise.all(
      Array.from({ length: 3 }, () =>
        freshChannel(first, { organizationId, creatorId: admin, memberIds: ids }),
      ),
    );
    const threads = await Promise.all(
      channels.flatMap((channel) =>
        [1, 2, 3].map((seq) => freshThread(first, channel, { authorId: admin, seq })),
      ),
    );
    const places = [...channels, ...threads].flatMap(({ id: channelId }) =>
      ids.map((userId) => ({ organizationId, channelId, userId })),
    );
    const any = <T>(items: readonly T[]): T => {
      const [one] = shuffled(items);
      if (one === undefined) throw new Error('nothing to choose from');
      return one;
    };
    /** What a replica may be doing at any moment. */
    const work: readonly ((on: Relational) => Promise<unknown>)[] = [
      (on) => {
        const moves = shuffled(places).map((place): Move => {
          const checkpoint = { to: Math.floor(Math.random() * 50), backward: false };
          return { ...place, checkpoint, affinity: { points: 1, at: new Date() } };
        });
        return on.memberships.advance(moves);
      },
      (on) => {
        const { id: channelId } = any(channels);
        return on.memberships.remove({
          organizationId,
          channelId,
          userId: any(ids.slice(1)),
          actorId: admin,
        });
      },
      (on) => {
        const about = { organizationId, channelId: any(channels).id, userIds: shuffled(ids), actorId: admin };
        return on.memberships.add({ ...about, role: 'MEMBER', checkpoint: 0 });
      },
      (on) => {
        const about = { organizationId, threadId: any(threads).id, checkpoint: 0 };
        return on.memberships.follow({ ...about, userIds: shuffled(ids) });
      },
      (on) => {
        const { id: channelId } = any(channels);
        const role = Math.random() < 0.5 ? 'ADMIN' : 'MEMBER';
        return on.memberships.updateRole({
          organizationId,
          channelId,
          userId: any(ids),
          role,
          actorId: admin,
        });
      },
      (on) => {
        const at = shuffled([...channels, ...threads]).map(({ id }) => [id, new Date()] as const);
        return on.channels.touchActivity(organizationId, new Map(at));
      },
      (on) => {
        const { id: channelId } = any(channels);
        const about = { organizationId, channelId, actorId: admin };
        return on.channels.update({ ...about, isArchived: Math.random() < 0.5, topic: randomUUID() });
      },
      (on) => {
        const root = { channelId: any(channels).id, seq: 4 + Math.floor(Math.random() * 20) };
        const id = threadIdOf(organizationId, root);
        return on.channels.openThread({ id, organizationId, root, rootAuthorId: any(ids), actorId: admin });
      },
    ];
    for (let round = 0; round < 12; round += 1) {
      const settled = await Promise.allSettled(
        shuffled([...work, ...work, ...work]).map((one, i) => one(i % 2 === 0 ? first : second)),
      );
      expect(settled.filter(({ status }) => status === 'rejected')).toEqual([]);
    }
    // Whoever follows a thread is a member of its channel.
    const page = { limit: 100, backward: false };
    const membersOf = async (channelId: string) =>
      (await first.memberships.pageOfChannel(organizationId, channelId, page)).items.map(
        ({ node }) => node.userId,
      );
    for (const thread of threads) {
      const members = new Set(await membersOf(thread.root?.channelId ?? ''));
      expect((await membersOf(thread.id)).filter((id) => !members.has(id))).toEqual([]);
    }
  });
});
