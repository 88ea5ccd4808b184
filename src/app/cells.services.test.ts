/** An installation with two cells, two keyspaces of one Cassandra, as an operator and its people meet it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../../test/services.ts';
import { type App, startApp } from '../app.ts';
import { silentLogger } from '../chat/logger.ts';
import { type Config, readConfig } from '../config/config.ts';
import { migrateCassandra } from '../stores/cassandra/migrate.ts';
import { type ScratchKeyspace, scratchKeyspace } from '../stores/cassandra/testing/scratch-keyspace.ts';
import { createDatabase, type TestDatabase } from '../stores/relational/testing/databases.ts';
import { statesOfCells } from './cell-states.ts';
import { openImportStores } from './import-stores.ts';
import { migrateStores } from './migrate.ts';
import { tokenFor, withPeople } from './people.ts';
import { restoreCell } from './restore.ts';
import { allRows } from './testing/all-rows.ts';
import { type Person, person, see, send } from './testing/person.ts';

const options = { logger: silentLogger, waitMs: 20_000 };

await describeWith(['postgres', 'cassandra'], 'two cells', () => {
  let database: TestDatabase;
  let home: ScratchKeyspace;
  let eu: ScratchKeyspace;
  let folder: string;
  let config: Config;
  let app: App;

  const settings = (cells: Record<string, string>) =>
    readConfig({
      DATABASE_URL: database.url,
      JWT_SECRET: 'a secret of the tests, long enough for HS256',
      DATA_DIR: folder,
      PORT: '0',
      ...cells,
    });
  const signIn = async (organization: string): Promise<Person> =>
    person(app, (await tokenFor(config, options, { organization, handle: 'ada', lifeMs: 3_600_000 })).token);
  const newChannel = async (who: Person): Promise<string> => {
    const { createChannel } = await who.ask<{ createChannel: { channel: { id: string } } }>(
      'mutation { createChannel(input: { name: "Cells" }) { channel { id } } }',
    );
    return createChannel.channel.id;
  };

  beforeAll(async () => {
    database = await createDatabase();
    home = scratchKeyspace('home');
    eu = scratchKeyspace('eu');
    folder = await mkdtemp(join(tmpdir(), 'backscroll-cells-'));
    config = settings({ CASSANDRA_URL: home.url, CELL_EU: eu.url });
    const done = await migrateStores(config, options);
    expect(done).toContainEqual(expect.stringMatching(/^Cell default: schema step/));
    expect(done).toContainEqual(expect.stringMatching(/^Cell eu: schema step/));
    expect(await migrateStores(config, options)).toEqual([]);
    await withPeople(config, options, async ({ organizations }) => {
      for (const [slug, cell] of [
        ['acme', 'default'],
        ['euro', 'eu'],
        ['lost', 'gone'],
      ] as const)
        await organizations.create({ slug, name: slug, cell });
    });
    app = await startApp(config, silentLogger);
  });
  afterAll(async () => {
    await app?.close();
    await home?.drop();
    await eu?.drop();
    await database?.drop();
    await rm(folder, { recursive: true });
  });

  test('what is said in one is in none of the tables of the other, changes and all', async () => {
    const people = { acme: await signIn('acme'), euro: await signIn('euro') };
    for (const [slug, who] of Object.entries(people)) {
      const channel = await newChannel(who);
      const listener = await who.listen();
      const { id } = await send(who, channel, `only in ${slug}`);
      await who.ask(
        `mutation { editMessage(input: { messageId: "${id}", text: "edited in ${slug}" }) { message { id } } }`,
      );
      await expect.poll(() => listener.heard().join()).toContain(`only in ${slug}`);
      expect(listener.heard().join()).not.toContain(slug === 'acme' ? 'in euro' : 'in acme');
      expect(JSON.stringify(await see(who, channel))).toContain(`edited in ${slug}`);
      await listener.stop();
    }
    const [inHome, inEu] = await Promise.all([allRows(home), allRows(eu)]);
    for (const text of ['only in acme', 'edited in acme']) {
      expect(inHome).toContain(text);
      expect(inEu).not.toContain(text);
    }
    for (const text of ['only in euro', 'edited in euro']) {
      expect(inEu).toContain(text);
      expect(inHome).not.toContain(text);
    }
  });

  test('an organization whose cell is not set gets UNAVAILABLE, and nothing of it is kept elsewhere', async () => {
    const lost = await signIn('lost');
    const channel = await newChannel(lost);
    await expect(send(lost, channel, 'never kept')).rejects.toThrow('UNAVAILABLE');
    expect(`${await allRows(home)}${await allRows(eu)}`).not.toContain('never kept');
  });

  test('health names each cell', async () => {
    const response = await fetch(`${app.url}/health/ready`);
    expect(await response.json()).toMatchObject({
      status: 'ready',
      parts: { messages: { state: 'up' }, 'cell:default': { state: 'up' }, 'cell:eu': { state: 'up' } },
    });
  });

  test('the operator sees where organizations are, how many people they have, and whether that works', async () => {
    const listed = await withPeople(config, options, ({ organizations }) => organizations.list());
    expect(listed.map(({ slug, cell, people }) => [slug, cell, people])).toEqual([
      ['acme', 'default', 1],
      ['euro', 'eu', 1],
      ['lost', 'gone', 1],
    ]);
    const away = settings({ CASSANDRA_URL: home.url, CELL_EU: 'cassandra://127.0.0.1:9/x?dc=datacenter1' });
    const states = await statesOfCells(away, ['default', 'eu', 'gone']);
    expect([...states].map(([cell, { state }]) => [cell, state])).toEqual([
      ['default', 'ready'],
      ['eu', 'unreachable'],
      ['gone', 'not set'],
    ]);
  });

  test('exchanged addresses, another datacenter and a keyspace that is not migrated are refused', async () => {
    const start = (cells: Record<string, string>) =>
      startApp(settings(cells), silentLogger, { waitMs: 5_000 });
    const exchanged = { CASSANDRA_URL: eu.url, CELL_EU: home.url };
    await expect(start(exchanged)).rejects.toThrow(/is that of cell "(eu|default)"/);
    await expect(migrateStores(settings(exchanged), options)).rejects.toThrow(
      /Cell eu: .* is that of cell "default"/,
    );
    await expect(migrateCassandra({ url: eu.url, name: 'us', logger: silentLogger })).rejects.toMatchObject({
      fault: 'OTHER_CELL',
    });
    const elsewhere = { CASSANDRA_URL: home.url, CELL_EU: eu.url.replace(/dc=[^&]*/, 'dc=elsewhere') };
    await expect(start(elsewhere)).rejects.toThrow('elsewhere');
    const fresh = { CASSANDRA_URL: home.url, CELL_EU: scratchKeyspace('fresh').url };
    await expect(start(fresh)).rejects.toThrow('npm run cli -- migrate');
  });

  test('an import writes to the cell of its organization', async () => {
    const stores = await openImportStores(config, options);
    const organization = await stores.organizations.bySlug('euro');
    if (organization === null) throw new Error('made above');
    const text = 'imported into euro';
    await stores.messages.append(
      { organizationId: organization.id, channelId: 'imported' },
      {
        sendKey: 'ada/1',
        entry: { authorId: 'ada', clientMessageId: '1', text, metadata: null, mentions: [] },
        bytes: 100,
        searchBack: 'ONE_BUCKET',
      },
    );
    await stores.close();
    expect(await allRows(eu)).toContain(text);
    expect(await allRows(home)).not.toContain(text);
  });

  test('a restore of one begins its numbering anew, and leaves the other where it was', async () => {
    const people = { acme: await signIn('acme'), euro: await signIn('euro') };
    const channels = { acme: await newChannel(people.acme), euro: await newChannel(people.euro) };
    const position = async (slug: 'acme' | 'euro') => {
      const { channel } = await people[slug].ask<{ channel: { messages: { position: string } } }>(
        `{ channel(id: "${channels[slug]}") { messages(last: 1) { position } } }`,
      );
      return channel.messages.position;
    };
    const before = { acme: await position('acme'), euro: await position('euro') };
    const restored = await restoreCell(config, options, {
      cell: 'eu',
      // Other tests use this Cassandra.
      isPaxosCleared: true,
      confirm: async () => true,
      onProgress: () => undefined,
    });
    // Asked about the whole cluster, where its Paxos state would be emptied.
    const asked: (readonly string[])[] = [];
    const notConfirmed = {
      cell: 'eu',
      isPaxosCleared: false,
      confirm: async (neighbours: readonly string[]) => {
        asked.push(neighbours);
        return false;
      },
      onProgress: () => undefined,
    };
    expect(await restoreCell(config, options, notConfirmed)).toBeNull();
    expect(asked).toEqual([['default']]);
    expect(restored).toMatchObject({ epoch: 2 });
    await expect.poll(() => position('euro'), { timeout: 10_000 }).not.toBe(before.euro);
    expect(await position('acme')).toBe(before.acme);
    // What changes come to is written with the epoch of its own cell: it outranks what was there before.
    for (const [slug, keyspace, epoch] of [
      ['acme', home, 1],
      ['euro', eu, 2],
    ] as const) {
      const { id } = await send(people[slug], channels[slug], 'goes on');
      await people[slug].ask(
        `mutation { editMessage(input: { messageId: "${id}", text: "changed" }) { message { id } } }`,
      );
      const session = await keyspace.connect();
      const rows = await session.read(
        `SELECT writetime(edited) AS at, edited FROM ${keyspace.parsed.keyspace}.messages`,
        [],
      );
      await session.close();
      // Not of what the restore itself has written again.
      const own = rows.filter(({ edited }) => String(edited).includes('changed'));
      expect(
        own.map(({ at }) => Math.floor(Number(at) / 2 ** 40)),
        slug,
      ).toEqual([epoch]);
    }
    await expect(
      restoreCell(config, options, {
        cell: 'gone',
        isPaxosCleared: true,
        confirm: async () => true,
        onProgress: () => undefined,
      }),
    ).rejects.toThrow('CELL_GONE');
  });
});
