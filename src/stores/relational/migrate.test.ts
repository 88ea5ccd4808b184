/** Migrations: all or nothing, once however many replicas run them, and never by a program older than the schema. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { describeWith } from '../../../test/services.ts';
import { freshThread } from '../../chat/channels/testing/channels.ts';
import { silentLogger } from '../../chat/logger.ts';
import { embeddedDialect } from './embedded.ts';
import { migrate, pendingMigrations, SchemaTooNew } from './migrate.ts';
import { migrations } from './migrations/index.ts';
import { openRelational, type Relational } from './open.ts';
import { postgresDialect } from './postgres.ts';
import { administrate, createDatabase, type TestDatabase } from './testing/databases.ts';

const all = Object.keys(migrations).sort();

describe('migrations on PGlite', () => {
  let dataDir = '';
  let db: Kysely<unknown>;
  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'backscroll-migrate-'));
    db = new Kysely({ dialect: await embeddedDialect(dataDir) });
  });
  afterAll(async () => {
    await db.destroy();
    await rm(dataDir, { recursive: true, force: true });
  });

  const made = async (table: string): Promise<boolean> => {
    const found = await sql<{
      is_there: boolean;
    }>`select to_regclass(${table}) is not null as is_there`.execute(db);
    return found.rows[0]?.is_there === true;
  };
  const creates = (table: string): Migration => ({
    up: async (on) => {
      await sql`create table ${sql.table(table)} (n integer)`.execute(on);
    },
  });

  test('a failing migration leaves nothing of itself or of those before it; then the rest of this suite runs', async () => {
    expect(await pendingMigrations(db)).toEqual(all);
    const failing = {
      '0001-a': creates('a'),
      '0002-b': { up: async () => Promise.reject(new Error('no room')) },
    };
    await expect(migrate(db, failing)).rejects.toThrow('no room');
    expect(await made('a')).toBe(false);
    expect(await pendingMigrations(db, failing)).toEqual(['0001-a', '0002-b']);

    expect(await migrate(db)).toEqual(all);
    expect(await migrate(db)).toEqual([]);
    expect(await pendingMigrations(db)).toEqual([]);

    const newer = { ...migrations, '9999-later': creates('later') };
    expect(await pendingMigrations(db, newer)).toEqual(['9999-later']);
    expect(await migrate(db, newer)).toEqual(['9999-later']);
    expect(await made('later')).toBe(true);

    for (const older of [migrate(db), pendingMigrations(db)]) {
      await expect(older).rejects.toBeInstanceOf(SchemaTooNew);
      await expect(older).rejects.toThrow('9999-later');
    }
  });
});

test('outbox rows from before there were positions get theirs by age', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'backscroll-migrate-'));
  const db = new Kysely<unknown>({ dialect: await embeddedDialect(dataDir) });
  try {
    const { '0003-outbox-order': outboxOrder, ...others } = migrations;
    const before = Object.fromEntries(Object.entries(others).filter(([name]) => name < '0003'));
    await migrate(db, before);
    await sql`insert into organizations (id, slug, name, cell) values (gen_random_uuid(), 'o', 'O', 'default')`.execute(
      db,
    );
    await sql`insert into channels
      (organization_id, id, type, visibility, posting_policy, name, name_key, handle, topic)
      select id, gen_random_uuid(), 'CHANNEL', 'PUBLIC', 'EVERYONE', '', '', 'c', '' from organizations`.execute(
      db,
    );
    const insert = (age: number) =>
      sql`insert into outbox (id, organization_id, channel_id, kind, actor_id, created_at)
        select gen_random_uuid(), organization_id, id, 'CHANNEL_UPDATED', id, now() - ${age} * interval '1 hour'
        from channels`.execute(db);
    for (const age of [2, 3, 1]) await insert(age);
    await migrate(db, { ...before, ...(outboxOrder && { '0003-outbox-order': outboxOrder }) });
    await insert(4);
    const { rows } = await sql<{ age: number }>`
      select round(extract(epoch from now() - created_at) / 3600)::integer as age from outbox order by position`.execute(
      db,
    );
    expect(rows.map(({ age }) => age)).toEqual([3, 2, 1, 4]);
  } finally {
    await db.destroy();
    await rm(dataDir, { recursive: true, force: true });
  }
});

describe('threads come to a database that has channels', () => {
  /** What 0003 leaves, with data: a channel with a member, a DM, and a row that waits in the outbox. */
  async function fill(db: Kysely<unknown>): Promise<void> {
    const before = Object.entries(migrations).filter(([name]) => name < '0004');
    await migrate(db, Object.fromEntries(before));
    const statements = [
      sql`insert into organizations (id, slug, name, cell) values (gen_random_uuid(), 'o', 'O', 'default')`,
      sql`insert into users (organization_id, id, subject, handle, name, name_key)
        select id, gen_random_uuid(), 'ada', 'ada', 'Ada', 'ada' from organizations`,
      sql`insert into channels (organization_id, id, type, visibility, posting_policy, name, name_key, handle, topic)
        select id, gen_random_uuid(), type, 'PRIVATE', 'ADMINS', handle, handle, handle, ''
        from organizations, (values ('CHANNEL', 'c'), ('DM', '')) as made (type, handle)`,
      sql`insert into memberships (organization_id, id, channel_id, user_id, role, checkpoint)
        select channels.organization_id, gen_random_uuid(), channels.id, users.id, 'ADMIN', 7
        from channels join users on users.organization_id = channels.organization_id`,
      sql`insert into outbox (id, organization_id, channel_id, kind, actor_id, user_id)
        select gen_random_uuid(), channel.organization_id, channel.id, 'MEMBER_JOINED', users.id, users.id
        from channels as channel join users on users.organization_id = channel.organization_id
        where channel.type = 'CHANNEL'`,
    ];
    for (const statement of statements) await statement.execute(db);
  }

  /** What was there is as it was; a thread can be opened in it, and announced behind what waits. */
  async function check(relational: Relational): Promise<void> {
    const organization = await relational.organizations.bySlug('o');
    const organizationId = organization?.id ?? '';
    const channel = await relational.channels.byHandle(organizationId, 'c');
    if (channel === null) throw new Error('the channel is gone');
    expect(channel).toMatchObject({ type: 'CHANNEL', postingPolicy: 'ADMINS', root: null, archivedAt: null });
    const [ada] = await relational.users.byHandles(organizationId, ['ada']);
    const authorId = ada?.id ?? '';
    const ids = await relational.memberships.channelIdsOf(organizationId, authorId);
    const all = await relational.channels.byIds(organizationId, ids);
    expect(all.map(({ type, root }) => [type, root]).sort()).toEqual([
      ['CHANNEL', null],
      ['DM', null],
    ]);
    const places = await relational.memberships.ofUser(organizationId, authorId, ids);
    expect(places.map(({ checkpoint }) => checkpoint)).toEqual([7, 7]);
    const thread = await freshThread(relational, channel, { authorId });
    expect(thread).toMatchObject({ visibility: 'PRIVATE', postingPolicy: 'ADMINS' });
    const open = await relational.outbox.open(organizationId, channel.id, 10);
    expect(open.map(({ kind, thread: opened }) => [kind, opened])).toEqual([
      ['MEMBER_JOINED', undefined],
      ['THREAD_OPENED', { channelId: thread.id, rootSeq: 1 }],
    ]);
  }

  test('on PGlite', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'backscroll-migrate-'));
    try {
      const db = new Kysely<unknown>({ dialect: await embeddedDialect(dataDir) });
      await fill(db);
      await db.destroy();
      const relational = await openRelational({ kind: 'pglite', dataDir }, silentLogger);
      try {
        expect(await relational.migrate()).toEqual(all.filter((name) => name >= '0004'));
        await check(relational);
      } finally {
        await relational.close();
      }
    } finally {
      await rm(dataDir, { recursive: true, force: true });
    }
  });

  describe('on', async () => {
    await describeWith(['postgres'], 'Postgres', () => {
      test('with two replicas that migrate at once', async () => {
        const { url, drop } = await createDatabase();
        const open = () => openRelational({ kind: 'postgres', url }, silentLogger);
        const replicas = await Promise.all([open(), open()]);
        try {
          const db = new Kysely<unknown>({
            dialect: postgresDialect({ url, logger: silentLogger, statementMs: 0, poolSize: 1 }),
          });
          await fill(db);
          await db.destroy();
          const done = await Promise.all(replicas.map((replica) => replica.migrate()));
          expect(done.flat()).toEqual(all.filter((name) => name >= '0004'));
          for (const replica of replicas.slice(0, 1)) await check(replica);
        } finally {
          await Promise.all(replicas.map((replica) => replica.close()));
          await drop();
        }
      });
    });
  });
});

await describeWith(['postgres'], 'migrations on Postgres', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createDatabase();
  });
  afterEach(() => database.drop());

  const open = () => openRelational({ kind: 'postgres', url: database.url }, silentLogger);

  test('eight replicas that migrate at once: one does it, the others find it done', async () => {
    const replicas = await Promise.all(Array.from({ length: 8 }, open));
    try {
      const done = await Promise.all(replicas.map((replica) => replica.migrate()));
      expect(done.filter((names) => names.length > 0)).toEqual([all]);
      expect(await replicas[0]?.pendingMigrations()).toEqual([]);
    } finally {
      await Promise.all(replicas.map((replica) => replica.close()));
    }
  });

  test('a schema of a newer program is refused by name, and stays as it is', async () => {
    const replica = await open();
    try {
      await replica.migrate();
      const later = "insert into backscroll_migration (name, timestamp) values ('9999-later', '2030-01-01')";
      await administrate(database.url, later);
      await expect(replica.migrate()).rejects.toThrow(SchemaTooNew);
      await expect(replica.pendingMigrations()).rejects.toThrow('9999-later');
    } finally {
      await replica.close();
    }
  });
});
