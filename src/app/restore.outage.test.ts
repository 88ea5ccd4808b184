/**
 * A restore of a Cassandra cell under two running replicas. It empties the Paxos state of the whole cluster, so nothing
 * else may use that meanwhile. The tables are brought back row by row: Cassandra then holds what a backup holds.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith, serviceUrl } from '../../test/services.ts';
import { type App, startApp } from '../app.ts';
import { decodeEventCursor } from '../chat/cursors/cursor.ts';
import { silentLogger } from '../chat/logger.ts';
import { type Config, readConfig } from '../config/config.ts';
import type { Session } from '../stores/cassandra/session.ts';
import { type ScratchKeyspace, scratchKeyspace } from '../stores/cassandra/testing/scratch-keyspace.ts';
import { createDatabase, type TestDatabase } from '../stores/relational/testing/databases.ts';
import { migrateStores } from './migrate.ts';
import { tokenFor, withPeople } from './people.ts';
import { restoreCell } from './restore.ts';
import { type Person, person, see, send } from './testing/person.ts';

const options = { logger: silentLogger };
const TABLES = ['messages', 'changes'] as const;

/** Of the numbering that clients are told to begin anew with. */
const epochs = (heard: readonly string[]): readonly number[] =>
  heard
    .filter((event) => event.includes('PositionReset'))
    .map((event) => decodeEventCursor(/"cursor":"([^"]+)"/.exec(event)?.[1] ?? '').epoch);

await describeWith(['postgres', 'cassandra', 'redis'], 'a restore under running replicas', () => {
  let database: TestDatabase;
  let keyspace: ScratchKeyspace;
  let behind: Session;
  let folder: string;
  let config: Config;
  let apps: App[] = [];

  beforeAll(async () => {
    database = await createDatabase();
    keyspace = scratchKeyspace('restore');
    folder = await mkdtemp(join(tmpdir(), 'backscroll-restore-'));
    config = readConfig({
      DATABASE_URL: database.url,
      CASSANDRA_URL: keyspace.url,
      REDIS_URL: serviceUrl('redis'),
      JWT_SECRET: 'a secret of the tests, long enough for HS256',
      DATA_DIR: folder,
      PORT: '0',
    });
    await migrateStores(config, options);
    await withPeople(config, options, ({ organizations }) =>
      organizations.create({ slug: 'acme', name: 'Acme', cell: 'default' }),
    );
    apps = await Promise.all([startApp(config, silentLogger), startApp(config, silentLogger)]);
    behind = await keyspace.connect();
  });
  afterAll(async () => {
    for (const app of apps) await app.close();
    await behind?.close();
    await keyspace.drop();
    await database.drop();
    await rm(folder, { recursive: true });
  });

  const signIn = async (app: App | undefined, handle: string): Promise<Person> => {
    if (app === undefined) throw new Error('two replicas');
    const request = { organization: 'acme', handle, lifeMs: 3_600_000 };
    return person(app, (await tokenFor(config, options, request)).token);
  };
  const table = (name: string): string => `${keyspace.parsed.keyspace}.${name}`;
  /** Rows as JSON, without what is not set, and without what says how far changes are projected: only a hint. */
  const copy = async (name: string): Promise<readonly string[]> =>
    (await behind.ask(`SELECT JSON * FROM ${table(name)}`)).map((row) => {
      const fields = Object.entries(JSON.parse(String(row['[json]'])));
      return JSON.stringify(
        Object.fromEntries(fields.filter(([field, value]) => value !== null && field !== 'projected')),
      );
    });
  const bringBack = async (name: string, rows: readonly string[]): Promise<void> => {
    await behind.client.execute(`TRUNCATE ${table(name)}`, [], { prepare: false });
    for (const row of rows) await behind.write(`INSERT INTO ${table(name)} JSON ? DEFAULT UNSET`, [row]);
  };

  /** As tables that were copied a little later: a hint, and what a change made of message 2 that the log has lost. */
  const beAhead = async (): Promise<void> => {
    const [row] = await behind.ask(`SELECT organization_id, channel_id FROM ${table('messages')} LIMIT 1`);
    const channel = [row?.organization_id, row?.channel_id];
    const hint = `INSERT INTO ${table('messages_tail')} (organization_id, channel_id, bucket) VALUES (?, ?, 5)`;
    await behind.write(hint, channel);
    await behind.write(
      `UPDATE ${table('messages')} USING TIMESTAMP ${2 ** 40 + 50} SET pinned_at = 1, changed_rev = 50
       WHERE organization_id = ? AND channel_id = ? AND bucket = 0 AND seq = 2 AND send_key = ''`,
      channel,
    );
  };

  test('everybody begins anew, the log goes on from the restored end, and changes take effect', async () => {
    const [ada, grace] = [await signIn(apps[0], 'ada'), await signIn(apps[1], 'grace')];
    const { createChannel } = await ada.ask<{ createChannel: { channel: { id: string } } }>(
      'mutation { createChannel(input: { name: "Restored" }) { channel { id } } }',
    );
    const { id } = createChannel.channel;
    const join = 'mutation ($id: ID!) { joinChannel(input: { channelId: $id }) { membership { id } } }';
    await grace.ask(join, { id });
    for (const text of ['one', 'two', 'three']) await send(ada, id, text);
    const backup = await Promise.all(TABLES.map(copy));

    for (const text of ['lost four', 'lost five', 'lost six']) await send(ada, id, text);
    const last = (await see(ada, id)).messages;
    const pin = 'mutation ($id: ID!) { pinMessage(input: { messageId: $id }) { message { isPinned } } }';
    const unpin = 'mutation ($id: ID!) { unpinMessage(input: { messageId: $id }) { message { isPinned } } }';
    const ids = await ada.ask<{ channel: { message: { id: string } } }>(
      'query ($id: ID!) { channel(id: $id) { message(seq: 2) { id } } }',
      { id },
    );
    const two = { id: ids.channel.message.id };
    // Revs of the time after the backup: what is projected with them must not outlive it.
    for (let i = 0; i < 10; i += 1) await ada.ask(i % 2 === 0 ? pin : unpin, two);
    const clients = [await ada.listen(), await grace.listen()];

    for (const [i, name] of TABLES.entries()) await bringBack(name, backup[i] ?? []);
    await beAhead();
    const restored = await restoreCell(config, options, {
      cell: 'default',
      isPaxosCleared: false,
      confirm: async () => true,
      onProgress: () => undefined,
    });
    // Ada's checkpoint: she had sent what is lost.
    expect(restored).toMatchObject({ epoch: 2, checkpoints: 1, threads: 0, threadsForgotten: 0 });
    expect(await behind.ask(`SELECT * FROM ${table('messages_tail')}`)).toEqual([]);

    for (const client of clients) {
      await expect.poll(() => epochs(client.heard()), { timeout: 20_000 }).toContain(2);
    }
    expect(await send(ada, id, 'new four')).toMatchObject({ seq: 4 });
    expect(await send(grace, id, 'new five')).toMatchObject({ seq: 5 });
    for (const client of clients) {
      await expect.poll(() => client.heard().join('\n')).toContain('new five');
      const told = client.heard();
      const reset = told.findLastIndex((event) => event.includes('PositionReset'));
      expect(epochs([told[reset] ?? ''])).toEqual([2]);
      const posted = told.flatMap((event, i) => (event.includes('MessagePosted') ? [i] : []));
      expect(posted).toHaveLength(2);
      expect(Math.min(...posted)).toBeGreaterThan(reset);
    }
    for (const who of [ada, grace]) {
      const { messages } = await see(who, id);
      expect(messages.edges.map(({ node }) => node.text)).toEqual([
        'one',
        'two',
        'three',
        'new four',
        'new five',
      ]);
    }
    // She had read up to what is lost; from there she would have heard of nothing new for a while.
    // Her own send moves it soon after.
    await expect
      .poll(async () => (await see(ada, id)).viewerMembership, { timeout: 30_000 })
      .toMatchObject({ checkpoint: 4, unreadCount: 1 });

    // Its rev is lower than that of the change that pinned it, which is of the time before the restore.
    expect((await see(ada, id)).messages.edges[1]?.node.isPinned).toBe(true);
    await expect(grace.ask(unpin, two)).resolves.toMatchObject({
      unpinMessage: { message: { isPinned: false } },
    });
    const back = await grace.listen([last.position]);
    await expect.poll(() => back.heard().join('\n')).toContain('PositionReset');
    for (const client of [...clients, back]) await client.stop();
  });
});
