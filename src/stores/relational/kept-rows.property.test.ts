/**
 * Rows are kept exactly: over random reads and writes, one at a time and many at once, refused and undone ones among
 * them, stores that keep rows answer as stores on the same database that keep none; and nobody is told of less than was
 * acknowledged before they asked, or of what was undone. PROPERTY_RUNS has more runs.
 */
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { Kysely, PGliteDialect, sql } from 'kysely';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { creation } from '../../chat/channels/testing/channels.ts';
import { silentLogger } from '../../chat/logger.ts';
import { freshTenant } from '../../chat/people/testing/tenant.ts';
import { createChannelStore } from './channels.ts';
import { Database, defaultLimits } from './database.ts';
import { keptMembershipsOf } from './kept-memberships.ts';
import { createMembershipStore } from './memberships.ts';
import { migrate } from './migrate.ts';
import { createNotificationStore } from './notifications.ts';
import { createOrganizationStore } from './organizations.ts';
import { PreparedPGlite } from './prepared-pglite.ts';
import type { Tables } from './tables.ts';
import { createUserStore } from './users.ts';
import { KEPT_TABLES, type KeptTable, Writes } from './writes.ts';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 120_000 });

const RUNS = 25 * Number(process.env.PROPERTY_RUNS ?? 1);
const PEOPLE = 3;
const CHANNELS = 2;

/** Writes to one table can be left out, as a mistake would. */
class WithMistake extends Writes {
  overlooked: KeptTable | null = null;
  override begin(tables: readonly KeptTable[]): () => void {
    return super.begin(tables.filter((table) => table !== this.overlooked));
  }
}

const writes = new WithMistake();
let kysely: Kysely<Tables>;

const storesOn = (database: Database) => {
  const kept = keptMembershipsOf(database);
  return {
    database,
    organizations: createOrganizationStore(database),
    users: createUserStore(database),
    channels: createChannelStore(database),
    memberships: createMembershipStore(database, kept),
    notifications: createNotificationStore(database, kept),
  };
};
type Stores = ReturnType<typeof storesOn>;
let keeping: Stores;
let plain: Stores;

beforeAll(async () => {
  const pglite = new PreparedPGlite(undefined, writes);
  await pglite.waitReady;
  kysely = new Kysely<Tables>({ dialect: new PGliteDialect({ pglite }) });
  await migrate(kysely);
  const limits = { ...defaultLimits, operationMs: 60_000, isEmbedded: true };
  keeping = storesOn(new Database(kysely, silentLogger, { ...limits, writes }));
  plain = storesOn(new Database(kysely, silentLogger, limits));
});
afterAll(() => kysely.destroy());

interface Step {
  readonly what:
    | 'rename'
    | 'undone rename'
    | 'refused rename'
    | 'statement'
    | 'deactivate'
    | 'provision'
    | 'join'
    | 'leave'
    | 'role'
    | 'mute'
    | 'listen'
    | 'advance'
    | 'undone leave'
    | 'channel'
    | 'archive'
    | 'touch'
    | 'read';
  readonly person: number;
  readonly channel: number;
  /** Nobody waits for it before the next one begins. */
  readonly isAtOnce: boolean;
  /** Turns of the event loop before the next one begins. */
  readonly turns: number;
}

const steps = fc.array(
  fc.record<Step>({
    what: fc.constantFrom(
      'read',
      'rename',
      'undone rename',
      'refused rename',
      'statement',
      'provision',
      'join',
      'leave',
      'role',
      'mute',
      'listen',
      'advance',
      'undone leave',
      'channel',
      'archive',
      'touch',
      'deactivate',
    ),
    person: fc.nat(PEOPLE - 1),
    channel: fc.nat(CHANNELS - 1),
    isAtOnce: fc.boolean(),
    turns: fc.nat(3),
  }),
  { minLength: 5, maxLength: 40 },
);

const UNDONE = 'undone';

async function play(run: readonly Step[]): Promise<void> {
  const { organizationId, people } = await freshTenant(plain, PEOPLE);
  const ids = people.map(({ id }) => id);
  const [actorId = ''] = ids;
  const channelIds: string[] = [];
  for (let i = 0; i < CHANNELS; i++) {
    const made = await plain.channels.create(creation({ organizationId, memberIds: ids }));
    if (made === 'HANDLE_TAKEN') throw new Error('the handle was taken');
    channelIds.push(made.id);
  }
  const nobody = randomUUID();

  /** By nobody who is there: all who asked to be told of everything are its audience. */
  const said = { seq: 1_000, at: 0, authorId: nobody, mentioned: [], group: null, isDeleted: false };

  const view = async ({ users, channels, memberships, notifications }: Stores) => ({
    audience: (
      await notifications.audience(
        channelIds.map((channelId) => ({ organizationId, channelId, notice: said, isToAll: false })),
      )
    )
      .map(({ membershipId }) => membershipId)
      .toSorted(),
    users: new Map((await users.byIds(organizationId, [...ids, nobody])).map((one) => [one.id, one])),
    channels: new Map(
      (await channels.byIds(organizationId, [...channelIds, nobody])).map((one) => [one.id, one]),
    ),
    subjects: await Promise.all(
      ['sub-0', 'sub-1', 'sub-2', 'new-0', 'new-1', 'new-2'].map((one) =>
        users.bySubject(organizationId, one),
      ),
    ),
    memberships: await Promise.all(
      ids.map(async (id) => {
        const found = await memberships.ofUser(organizationId, id, [...channelIds, nobody]);
        return new Map(found.map((one) => [one.channelId, one]));
      }),
    ),
  });

  /** Both ways of asking answer alike, and what was just asked for is known at once. */
  const compare = async (): Promise<void> => {
    const kept = await view(keeping);
    const truth = await view(plain);
    expect(kept).toEqual(truth);
    for (const channelId of [...channelIds, nobody]) {
      const { byIdNow } = keeping.channels;
      expect(byIdNow?.(organizationId, channelId)).toEqual(truth.channels.get(channelId) ?? null);
      ids.forEach((id, i) => {
        const mine = keeping.memberships.ofUserNow?.(organizationId, id, channelId);
        expect(mine).toEqual(truth.memberships[i]?.get(channelId) ?? null);
      });
    }
  };

  /** What renames of each person have reached: begun, and acknowledged. */
  const begun = ids.map(() => 0);
  const acknowledged = ids.map(() => 0);
  const numberOf = (name: string): number => (name.startsWith('n') ? Number(name.slice(1)) : 0);

  const act = async ({ what, person, channel }: Step, writer: Stores): Promise<void> => {
    const userId = ids[person] ?? '';
    const channelId = channelIds[channel] ?? '';
    const about = { organizationId, channelId, userId, actorId };
    const rename = async (write: (name: string) => Promise<unknown>): Promise<void> => {
      const number = (begun[person] ?? 0) + 1;
      begun[person] = number;
      await write(`n${number}`);
      acknowledged[person] = Math.max(acknowledged[person] ?? 0, number);
    };
    switch (what) {
      case 'rename':
        return rename((name) => writer.users.updateProfile({ organizationId, userId, name }));
      case 'statement':
        return rename((name) => sql`update users set name = ${name} where id = ${userId}`.execute(kysely));
      case 'undone rename':
        return expect(
          writer.database.transaction(async (db) => {
            await db.updateTable('users').set({ name: UNDONE }).where('id', '=', userId).execute();
            throw new Error('changed my mind');
          }),
        ).rejects.toThrow();
      case 'refused rename':
        return expect(
          writer.database.transaction(async (db) => {
            await db.updateTable('users').set({ name: UNDONE }).where('id', '=', userId).execute();
            await sql`update users set handle = null where id = ${userId}`.execute(db);
          }),
        ).rejects.toThrow();
      case 'undone leave':
        return expect(
          writer.database.transaction(async (db) => {
            await db.deleteFrom('memberships').where('user_id', '=', userId).execute();
            throw new Error('changed my mind');
          }),
        ).rejects.toThrow();
      case 'provision':
        await writer.users.provision({
          organizationId,
          subject: `new-${person}`,
          handle: 'new',
          name: 'New',
        });
        return;
      case 'deactivate':
        await writer.users.deactivate(organizationId, `p-${person}`);
        return;
      case 'join':
        await writer.memberships.add({
          organizationId,
          channelId,
          userIds: [userId],
          role: 'MEMBER',
          actorId,
          checkpoint: 0,
        });
        return;
      case 'leave':
        await writer.memberships.remove(about);
        return;
      case 'role':
        await writer.memberships.updateRole({ ...about, role: 'ADMIN' });
        return;
      case 'mute': {
        const [mine] = await writer.memberships.ofUser(organizationId, userId, [channelId]);
        if (mine === undefined) return;
        const membershipId = mine.id;
        await writer.memberships.updateSettings({ organizationId, membershipId, isMuted: !mine.isMuted });
        return;
      }
      case 'listen': {
        const [mine] = await writer.memberships.ofUser(organizationId, userId, [channelId]);
        if (mine === undefined) return;
        const notifyAlways = !mine.notifyAlways;
        await writer.memberships.updateSettings({ organizationId, membershipId: mine.id, notifyAlways });
        return;
      }
      case 'advance': {
        const [mine] = await writer.memberships.ofUser(organizationId, userId, [channelId]);
        const checkpoint = { to: (mine?.checkpoint ?? 0) + 1, backward: false };
        await writer.memberships.advance([{ ...about, checkpoint, affinity: { points: 1, at: new Date() } }]);
        return;
      }
      case 'channel':
        await writer.channels.update({ ...about, topic: randomUUID() });
        return;
      case 'archive':
        await writer.channels.update({ ...about, isArchived: person > 0 });
        return;
      case 'touch':
        await writer.channels.touchActivity(organizationId, new Map([[channelId, new Date()]]));
        return;
      case 'read': {
        const least = [...acknowledged];
        const seen = await view(keeping);
        const most = [...begun];
        ids.forEach((id, i) => {
          const name = seen.users.get(id)?.name ?? '';
          expect(name).not.toBe(UNDONE);
          expect(numberOf(name)).toBeLessThanOrEqual(most[i] ?? 0);
          // Renames that overlapped end in the order in which the database took them, which is that of their numbers.
          expect(numberOf(name)).toBeGreaterThanOrEqual(least[i] ?? 0);
        });
      }
    }
  };

  let underWay: Promise<void>[] = [];
  const settled = async (): Promise<void> => {
    await Promise.all(underWay);
    underWay = [];
  };
  for (const [i, step] of run.entries()) {
    underWay.push(act(step, i % 2 === 0 ? keeping : plain));
    for (let turn = 0; turn < step.turns; turn++) await new Promise((next) => setImmediate(next));
    if (step.isAtOnce) continue;
    await settled();
    await compare();
  }
  await settled();
  await compare();
}

test('stores that keep rows answer as stores that keep none', async () => {
  await fc.assert(fc.asyncProperty(steps, play), { numRuns: RUNS });
});

test.each(KEPT_TABLES)('a write to %s that is overlooked is noticed', async (table) => {
  writes.overlooked = table;
  try {
    const found = await fc.check(fc.asyncProperty(steps, play), { numRuns: 200, endOnFailure: true });
    expect(found.failed).toBe(true);
  } finally {
    writes.overlooked = null;
    // What was kept by mistake.
    writes.begin(KEPT_TABLES)();
  }
});

test('the database changes no kept row of itself', async () => {
  const { rows: cascades } = await sql`
    select conname from pg_constraint
    where contype = 'f' and (confdeltype <> 'a' or confupdtype <> 'a')
      and conrelid in (${sql.join(KEPT_TABLES.map((table) => sql`${table}::text::regclass`))})`.execute(
    kysely,
  );
  expect(cascades).toEqual([]);
  const { rows: triggers } = await sql`select tgname from pg_trigger where not tgisinternal`.execute(kysely);
  expect(triggers).toEqual([]);
  const { rows: functions } = await sql`
    select proname from pg_proc where pronamespace = 'public'::regnamespace`.execute(kysely);
  expect(functions).toEqual([]);
});
