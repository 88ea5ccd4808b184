/** What a Postgres server and its network do to us: each call ends with an answer or UNAVAILABLE, and the pool lives on. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Kysely, sql } from 'kysely';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { describeWith } from '../../../test/services.ts';
import { freshChannel } from '../../chat/channels/testing/channels.ts';
import { silentLogger } from '../../chat/logger.ts';
import { freshTenant } from '../../chat/people/testing/tenant.ts';
import { Database, defaultLimits } from './database.ts';
import { createMembershipStore } from './memberships.ts';
import { openRelational, type Relational } from './open.ts';
import { type PostgresOptions, postgresDialect } from './postgres.ts';
import type { Tables } from './tables.ts';
import { administrate, createDatabase, type TestDatabase } from './testing/databases.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** A database by its own pool with short deadlines. */
function connect(url: string, options: Partial<PostgresOptions> = {}, limits = defaultLimits): Database {
  const dialect = postgresDialect({
    url,
    logger: silentLogger,
    connectMs: 300,
    statementMs: 300,
    ...options,
  });
  const kysely = new Kysely<Tables>({ dialect });
  closing.push(() => kysely.destroy());
  return new Database(kysely, silentLogger, limits);
}

const ask = (database: Database) =>
  database.run(async (db) => (await sql<{ n: number }>`select 1 as n`.execute(db)).rows[0]?.n);

const unavailable = { code: 'UNAVAILABLE', retryable: true };

describe('a Postgres that is not there', () => {
  test('a refused connection is UNAVAILABLE at once', async () => {
    await expect(ask(connect('postgres://u:p@127.0.0.1:1/db'))).rejects.toMatchObject(unavailable);
    const relational = await openRelational(
      { kind: 'postgres', url: 'postgres://u@127.0.0.1:1/db' },
      silentLogger,
    );
    closing.push(() => relational.close());
    await expect(relational.ping()).rejects.toMatchObject(unavailable);
    await expect(relational.pendingMigrations()).rejects.toMatchObject(unavailable);
    await expect(relational.migrate()).rejects.toMatchObject(unavailable);
  });

  test('a server that accepts and never answers is UNAVAILABLE after the deadline', async () => {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => sockets.add(socket)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    try {
      const database = connect(`postgres://u:p@127.0.0.1:${port}/db`, { poolSize: 2 });
      // More than the pool holds: those that wait for a connection have the same deadline.
      const answers = await Promise.allSettled(Array.from({ length: 6 }, () => ask(database)));
      for (const answer of answers) expect(answer).toMatchObject({ status: 'rejected', reason: unavailable });
    } finally {
      for (const socket of sockets) socket.destroy();
      server.close();
    }
  });
});

await describeWith(['postgres'], 'a Postgres that misbehaves', () => {
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

  async function rawClient(): Promise<Client> {
    const client = new Client({ connectionString: own.url });
    client.on('error', () => undefined);
    await client.connect();
    closing.push(() => client.end().catch(() => undefined));
    return client;
  }

  const OTHERS = 'from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()';
  /** Resolves once the server has ended them all, and this process has had time to hear so. */
  async function terminateAll(): Promise<void> {
    await administrate(own.url, `select pg_terminate_backend(pid) ${OTHERS}`);
    const client = await rawClient();
    const left = async () =>
      (await client.query<{ n: number }>(`select count(*)::int n ${OTHERS}`)).rows[0]?.n;
    await expect.poll(left).toBe(0);
    await client.end();
    await sleep(20);
  }

  test('statements are not compiled, unless the address says so', async () => {
    const setting = async (url: string) =>
      (await connect(url).run((db) => sql<{ jit: string }>`show jit`.execute(db))).rows[0]?.jit;
    expect(await setting(own.url)).toBe('off');
    expect(await setting(`${own.url}?options=-c%20jit%3Don`)).toBe('on');
  });

  test('a row that someone else keeps locked: UNAVAILABLE after the deadline, nothing changed, then it works', async () => {
    const { organizationId, people } = await freshTenant(relational, 1);
    const userId = people[0]?.id ?? '';
    const { id: channelId } = await freshChannel(relational, { organizationId, memberIds: [userId] });
    const memberships = createMembershipStore(connect(own.url));
    const holder = await rawClient();
    await holder.query('begin');
    await holder.query('select 1 from organizations where id = $1 for update', [organizationId]);
    const leaving = { organizationId, channelId, userId, actorId: userId };
    await expect(memberships.remove(leaving)).rejects.toMatchObject(unavailable);
    expect(await relational.memberships.ofUser(organizationId, userId, [channelId])).toHaveLength(1);
    await holder.query('rollback');
    expect(await memberships.remove(leaving)).toMatchObject({ membershipRev: 1 });
  });

  test('a statement that the server does not cancel in time: its connection is thrown away', async () => {
    // No limit on the server: the one here strikes, while the statement goes on.
    const database = connect(own.url, { poolSize: 1, statementMs: 300 });
    const slow = database.run((db) => sql`set statement_timeout = 0; select pg_sleep(3)`.execute(db));
    await expect(slow).rejects.toMatchObject(unavailable);
    expect(await ask(database)).toBe(1);
    const inTransaction = database.transaction(async (db) => {
      await sql`set local statement_timeout = 0`.execute(db);
      await sql`select pg_sleep(3)`.execute(db);
    });
    await expect(inTransaction).rejects.toMatchObject(unavailable);
    expect(await ask(database)).toBe(1);
  });

  test('connections that the server ends, idle, in a transaction or in a statement: the next calls work', async () => {
    const database = connect(own.url, { poolSize: 4, statementMs: 5_000 });
    await Promise.all(Array.from({ length: 4 }, () => ask(database)));
    await terminateAll();
    expect(await ask(database)).toBe(1);

    const betweenStatements = database.transaction(async (db) => {
      await sql`select 1`.execute(db);
      await terminateAll();
      await sql`select 1`.execute(db);
    });
    await expect(betweenStatements).rejects.toMatchObject(unavailable);
    expect(await ask(database)).toBe(1);

    const inStatement = database.run((db) => sql`select pg_sleep(4)`.execute(db));
    const ended = expect(inStatement).rejects.toMatchObject(unavailable);
    const { rows } = await database.run((db) =>
      sql<{ pid: number }>`
        select pg_terminate_backend(pid), pid from pg_stat_activity
        where datname = current_database() and query like '%pg_sleep(4)%' and pid <> pg_backend_pid()`.execute(
        db,
      ),
    );
    if (rows.length === 0) await terminateAll();
    await ended;
    const answers = await Promise.all(Array.from({ length: 8 }, () => ask(database)));
    expect(answers).toEqual(Array.from({ length: 8 }, () => 1));
  });

  test('a transaction whose replica vanished gives its locks back', async () => {
    const { organizationId } = await freshTenant(relational, 0);
    const stuck = connect(own.url, { statementMs: 300 });
    const { promise: forEver, resolve: wake } = Promise.withResolvers<void>();
    const { promise: isLocked, resolve: locked } = Promise.withResolvers<void>();
    const vanished = stuck.transaction(async (db) => {
      await db
        .selectFrom('organizations')
        .select('id')
        .where('id', '=', organizationId)
        .forUpdate()
        .execute();
      locked();
      await forEver;
      await sql`select 1`.execute(db);
    });
    const ended = expect(vanished).rejects.toMatchObject(unavailable);
    await isLocked;
    // Waits for the lock until the server ends the idle transaction, well within its own deadline.
    const made = await relational.users.provision({ organizationId, subject: 's', handle: 'ada', name: '' });
    expect(made.handle).toBe('ada');
    wake();
    await ended;
  });

  test('too many operations at once are refused at once, and are taken again later', async () => {
    const database = connect(
      own.url,
      { poolSize: 1, statementMs: 5_000 },
      { ...defaultLimits, maxOperations: 3 },
    );
    const busy = Array.from({ length: 3 }, () => ask(database));
    await expect(ask(database)).rejects.toMatchObject(unavailable);
    expect(await Promise.all(busy)).toEqual([1, 1, 1]);
    expect(await ask(database)).toBe(1);
  });

  test('an operation over its deadline is given up while its connection is busy', async () => {
    const limits = { ...defaultLimits, operationMs: 100 };
    const database = connect(own.url, { statementMs: 5_000 }, limits);
    const slow = database.run((db) => sql`select pg_sleep(0.5)`.execute(db));
    await expect(slow).rejects.toMatchObject(unavailable);
  });

  test('an error tells no SQL, no names, no values', async () => {
    const { organizationId } = await freshTenant(relational, 0);
    const handle = 'No Handle At All';
    const refused = await relational.users
      .provision({ organizationId, subject: 's', handle, name: 'Ada' })
      .catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'INTERNAL_SERVER_ERROR' });
    expect(String(refused)).not.toMatch(/users|handle|check|insert|constraint|No Handle/);
    const database = connect(own.url);
    const wrong = await database
      .run((db) => sql`select secret from nowhere`.execute(db))
      .catch((e: unknown) => e);
    expect(wrong).toMatchObject({ code: 'INTERNAL_SERVER_ERROR' });
    expect(String(wrong)).not.toMatch(/nowhere|secret|relation/);
  });

  test('after closing, calls are UNAVAILABLE', async () => {
    const closed = await openRelational({ kind: 'postgres', url: own.url }, silentLogger);
    await closed.ping();
    await closed.close();
    await expect(closed.ping()).rejects.toMatchObject(unavailable);
  });

  test("now() is the database's clock", async () => {
    const before = Date.now();
    const now = await relational.now();
    expect(now).toBeGreaterThan(before - 60_000);
    expect(now).toBeLessThan(Date.now() + 60_000);
  });

  describe('two replicas', () => {
    test('numbers of ended memberships come in the order of the commits', async () => {
      const count = 60;
      const { organizationId, people } = await freshTenant(relational, count);
      const userIds = people.map((user) => user.id);
      const { id: channelId } = await freshChannel(relational, { organizationId, memberIds: userIds });
      const other = await openRelational({ kind: 'postgres', url: own.url }, silentLogger);
      closing.push(() => other.close());
      const observer = await rawClient();
      let isOver = false;
      const removing = Promise.all(
        userIds.map((userId, i) =>
          (i % 2 ? relational : other).memberships.remove({
            organizationId,
            channelId,
            userId,
            actorId: userId,
          }),
        ),
      ).finally(() => {
        isOver = true;
      });
      let looks = 0;
      while (!isOver) {
        // One snapshot: whoever sees number n sees every membership up to n ended, and no other.
        const { rows } = await observer.query<{ rev: string; members: string }>(
          `select membership_rev as rev, (select count(*) from memberships m where m.organization_id = o.id) as members
           from organizations o where id = $1`,
          [organizationId],
        );
        expect(Number(rows[0]?.rev) + Number(rows[0]?.members)).toBe(count);
        looks++;
      }
      const revs = (await removing).map((one) => one?.membershipRev ?? 0).sort((a, b) => a - b);
      expect(revs).toEqual(Array.from({ length: count }, (_, i) => i + 1));
      expect(looks).toBeGreaterThan(1);
    });

    test('changes of one channel take turns until they commit, so that their positions are in that order', async () => {
      const { organizationId, people } = await freshTenant(relational, 2);
      const [ada = '', grace = ''] = people.map((user) => user.id);
      const { id: channelId } = await freshChannel(relational, { organizationId, memberIds: [ada] });
      const about = { organizationId, channelId, actorId: ada };
      const changes = [
        () => relational.memberships.remove({ ...about, userId: ada }),
        () => relational.channels.update({ ...about, name: 'New' }),
        () => relational.memberships.add({ ...about, userIds: [grace], role: 'MEMBER', checkpoint: 0 }),
      ];
      for (const change of changes) {
        // Another replica's change, not committed yet.
        const writer = await rawClient();
        await writer.query('begin');
        await writer.query(
          'select 1 from channels where organization_id = $1 and id = $2 for no key update',
          [organizationId, channelId],
        );
        const { rows } = await writer.query<{ id: string }>(
          `insert into outbox (id, organization_id, channel_id, kind, actor_id)
           values ($1, $2, $3, 'CHANNEL_UPDATED', $4) returning id`,
          [randomUUID(), organizationId, channelId, ada],
        );
        let isDone = false;
        const changing = change().then(() => {
          isDone = true;
        });
        const observer = await rawClient();
        const waiting = async () =>
          (
            await observer.query(
              `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
            )
          ).rowCount;
        await expect.poll(waiting).toBe(1);
        expect(isDone).toBe(false);
        await writer.query('commit');
        await changing;
        const open = await relational.outbox.open(organizationId, channelId, 10);
        expect(open.map((row) => row.id).indexOf(rows[0]?.id ?? '')).toBe(open.length - 2);
      }
    });

    test('a DM, a person and a channel are made once whichever replica is asked', async () => {
      const other = await openRelational({ kind: 'postgres', url: own.url }, silentLogger);
      closing.push(() => other.close());
      const { organizationId, people } = await freshTenant(relational, 2);
      const replica = (i: number) => (i % 2 ? relational : other);
      const tries = Array.from({ length: 50 }, (_, i) => i);
      const userIds = people.map((user) => user.id);
      const dms = tries.map((i) =>
        replica(i).channels.openDirectMessage({ id: randomUUID(), organizationId, userIds }),
      );
      const person = { organizationId, subject: 'new', handle: 'new', name: '' };
      const users = tries.map((i) => replica(i).users.provision(person));
      expect(new Set((await Promise.all(dms)).map((one) => one.id)).size).toBe(1);
      expect(new Set((await Promise.all(users)).map((one) => one.id)).size).toBe(1);
    });

    test('activity touched in opposite orders by both settles', async () => {
      const other = await openRelational({ kind: 'postgres', url: own.url }, silentLogger);
      closing.push(() => other.close());
      const { organizationId } = await freshTenant(relational, 0);
      const ids: string[] = [];
      for (let i = 0; i < 30; i++) ids.push((await freshChannel(relational, { organizationId })).id);
      const touches = Array.from({ length: 30 }, (_, i) => {
        const order = i % 2 ? ids : ids.toReversed();
        const at = new Date(Date.now() + i * 1_000);
        const touched = new Map(order.map((id) => [id, at]));
        return (i % 2 ? relational : other).channels.touchActivity(organizationId, touched);
      });
      await expect(Promise.all(touches)).resolves.toHaveLength(30);
    });
  });
});
