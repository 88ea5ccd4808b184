/** A crowd that comes at one moment: how many statements it costs, and how many connections it holds. */
import { Kysely } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { describeWith } from '../../../test/services.ts';
import { freshChannel, freshThread } from '../../chat/channels/testing/channels.ts';
import { silentLogger } from '../../chat/logger.ts';
import { freshTenant } from '../../chat/people/testing/tenant.ts';
import { Database, defaultLimits } from './database.ts';
import { createMembershipStore } from './memberships.ts';
import { NEWEST_SEARCHED } from './notification-missed.ts';
import { createNotificationStore } from './notifications.ts';
import { openRelational, type Relational } from './open.ts';
import { postgresDialect } from './postgres.ts';
import type { Tables } from './tables.ts';
import { createDatabase, type TestDatabase } from './testing/databases.ts';
import { createUserStore } from './users.ts';

const CROWD = 1_000;
const all = Array.from({ length: CROWD }, (_, i) => i);

await describeWith(['postgres'], 'a crowd on Postgres', () => {
  let drop: TestDatabase['drop'];
  let relational: Relational;
  let kysely: Kysely<Tables>;
  let database: Database;
  let statements: string[] = [];
  beforeAll(async () => {
    const made = await createDatabase();
    drop = made.drop;
    relational = await openRelational({ kind: 'postgres', url: made.url }, silentLogger);
    await relational.migrate();
    kysely = new Kysely({
      dialect: postgresDialect({ url: made.url, logger: silentLogger }),
      log: ({ query }) => void statements.push(query.sql),
    });
    database = new Database(kysely, silentLogger, defaultLimits);
  });
  afterAll(async () => {
    await kysely.destroy();
    await relational.close();
    await drop();
  });
  beforeEach(() => {
    statements = [];
  });

  test('1,000 new people are looked for and made in some statements, not some for each', async () => {
    const { organizationId } = await freshTenant(relational, 0);
    const users = createUserStore(database);
    const handleOf = (i: number): string => (i % 2 === 0 ? 'ada' : `p-${i}`);
    const made = await Promise.all(
      all.map(async (i) => {
        const subject = `s-${i}`;
        const known = await users.bySubject(organizationId, subject);
        const input = { organizationId, subject, handle: handleOf(i), name: `${i}` };
        return known ?? users.provision(input);
      }),
    );
    expect(made.map(({ subject, name }) => [subject, name])).toEqual(all.map((i) => [`s-${i}`, `${i}`]));
    expect(new Set(made.map(({ handle }) => handle)).size).toBe(CROWD);
    expect(made.filter(({ handle }) => /^ada(-\d+)?$/.test(handle))).toHaveLength(CROWD / 2);
    // Two rounds of looking; few of making, each with its lock, who is there, handles, and the insertion.
    expect(statements.length).toBeLessThanOrEqual(40);
    expect(statements.filter((text) => text.includes('insert into users')).length).toBeLessThanOrEqual(4);
  });

  test('one person who cannot be stored keeps nobody else out', async () => {
    const { organizationId } = await freshTenant(relational, 0);
    const users = createUserStore(database);
    const make = (subject: string) =>
      users.provision({ organizationId, subject, handle: 'ada', name: 'Ada' });
    const tried = await Promise.allSettled(['one', 'a\0b', 'two'].map(make));
    expect(tried.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(tried[1]).toMatchObject({ reason: { code: 'BAD_USER_INPUT' } });
    expect((await users.bySubject(organizationId, 'two'))?.handle).toBe('ada-2');
  });

  test('an organization that is not there does not keep out people of one that is', async () => {
    const { organizationId } = await freshTenant(relational, 0);
    const users = createUserStore(database);
    const nowhere = '00000000-0000-4000-8000-000000000000';
    const tried = await Promise.allSettled(
      [organizationId, nowhere].map((id) =>
        users.provision({ organizationId: id, subject: 's', handle: 'ada', name: 'Ada' }),
      ),
    );
    expect(tried.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(tried[1]).toMatchObject({ reason: { code: 'NOT_FOUND' } });
  });

  test('1,000 subscriptions that begin at once ask for their channels in a few statements, each for its own', async () => {
    const [here, there] = [await freshTenant(relational, 3), await freshTenant(relational, 1)];
    const channels = [await freshChannel(relational, here), await freshChannel(relational, here)];
    const foreign = await freshChannel(relational, there);
    const join = (tenant: typeof here, channelId: string, userIds: readonly string[]) =>
      relational.memberships.add({
        organizationId: tenant.organizationId,
        channelId,
        actorId: userIds[0] ?? '',
        userIds,
        role: 'MEMBER',
        checkpoint: 0,
      });
    const [a = '', b = '', nobody = ''] = here.people.map(({ id }) => id);
    const stranger = there.people[0]?.id ?? '';
    await join(here, channels[0]?.id ?? '', [a, b]);
    await join(here, channels[1]?.id ?? '', [a]);
    await join(there, foreign.id, [stranger]);
    const { channelIdsOf } = createMembershipStore(database);
    const told = await Promise.all(
      all.map((i) =>
        i % 4 === 3
          ? channelIdsOf(there.organizationId, stranger)
          : channelIdsOf(here.organizationId, [a, b, nobody][i % 4] ?? ''),
      ),
    );
    const own = [channels.map(({ id }) => id).sort(), [channels[0]?.id], [], [foreign.id]];
    for (const [i, ids] of told.entries()) expect(ids.toSorted()).toEqual(own[i % 4]);
    expect(await channelIdsOf(there.organizationId, a)).toEqual([]);
    expect(statements.length).toBeLessThanOrEqual(4);
  });

  test('1,000 who come back at once ask in a few statements what they missed, each from its own places', async () => {
    const { organizationId, people } = await freshTenant(relational, 3);
    const [author = '', a = '', b = ''] = people.map(({ id }) => id);
    const channel = await freshChannel(relational, { organizationId, memberIds: [a, b, author] });
    const notice = (seq: number, mentioned: readonly string[]) => ({
      seq,
      authorId: author,
      at: Date.now(),
      mentioned,
      group: null,
      isDeleted: false,
    });
    const notices = [notice(1, [a]), notice(2, [a, b]), notice(3, [a])];
    await relational.notifications.tell([{ organizationId, channelId: channel.id, upTo: 3, notices }]);
    const { missed } = createNotificationStore(database);
    const cases = [
      { userId: a, seq: 0, limit: 10, expected: [1, 2, 3] },
      { userId: a, seq: 1, limit: 1, expected: [3] },
      { userId: b, seq: 0, limit: 10, expected: [2] },
      { userId: b, seq: 2, limit: 10, expected: [] },
      { userId: author, seq: 0, limit: 10, expected: [] },
    ] as const;
    const told = await Promise.all(
      all.map((i) => {
        const { userId = '', seq = 0, limit = 0 } = cases[i % cases.length] ?? {};
        return missed(organizationId, userId, [{ channelId: channel.id, seq }], limit);
      }),
    );
    for (const [i, some] of told.entries()) {
      expect(some.map(({ notification }) => notification.seq)).toEqual(cases[i % cases.length]?.expected);
    }
    expect(statements.length).toBeLessThanOrEqual(4);
  });

  test('what was missed is found however much was told before, replies in threads among the newest rows alone', async () => {
    const { organizationId, people } = await freshTenant(relational, 2);
    const [author = '', a = ''] = people.map(({ id }) => id);
    const channel = await freshChannel(relational, { organizationId, memberIds: [a, author] });
    const thread = await freshThread(relational, channel, { authorId: a });
    const noisy = await freshChannel(relational, { organizationId, memberIds: [a, author] });
    const tell = (channelId: string, seqs: readonly number[], mentioned: readonly string[]) => {
      // What is said in the noisy channel comes after all the rest.
      const at = channelId === noisy.id ? Date.now() : Date.now() - 60_000;
      const rest = { authorId: author, at, mentioned, group: null, isDeleted: false };
      const notices = seqs.map((seq) => ({ seq, ...rest }));
      return relational.notifications.tell([{ organizationId, channelId, upTo: seqs.at(-1) ?? 0, notices }]);
    };
    await tell(channel.id, [1], [a]);
    await tell(thread.id, [1], []);
    const { missed } = createNotificationStore(database);
    const where = async () =>
      (await missed(organizationId, a, [{ channelId: channel.id, seq: 0 }], 10)).map(
        ({ notification }) => notification.channelId,
      );
    const many = Array.from({ length: NEWEST_SEARCHED - 2 }, (_, i) => i + 1);
    await tell(noisy.id, many, [a]);
    expect((await where()).toSorted()).toEqual([channel.id, thread.id].toSorted());
    await tell(noisy.id, [NEWEST_SEARCHED - 1, NEWEST_SEARCHED], [a]);
    expect(await where()).toEqual([channel.id]);
  });
});
