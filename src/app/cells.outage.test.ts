/**
 * Two cells on two Cassandra clusters. One hangs, is not there when a server starts, is killed: the organizations of
 * the other notice nothing, its own are told at once, and all goes on by itself when it is back.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith, serviceUrl } from '../../test/services.ts';
import { type App, startApp } from '../app.ts';
import { silentLogger } from '../chat/logger.ts';
import { type Config, readConfig } from '../config/config.ts';
import { Session } from '../stores/cassandra/session.ts';
import { type ScratchKeyspace, scratchKeyspace } from '../stores/cassandra/testing/scratch-keyspace.ts';
import { type SecondCluster, startSecondCluster } from '../stores/cassandra/testing/second-cluster.ts';
import { parseCassandraUrl } from '../stores/cassandra/url.ts';
import { createDatabase, type TestDatabase } from '../stores/relational/testing/databases.ts';
import { migrateStores } from './migrate.ts';
import { tokenFor, withPeople } from './people.ts';
import { allRows } from './testing/all-rows.ts';
import { type Listener, type Person, person, see, send } from './testing/person.ts';

const options = { logger: silentLogger, waitMs: 30_000 };

interface Member {
  readonly who: Person;
  readonly channel: string;
  readonly listener: Listener;
}

await describeWith(['postgres', 'cassandra', 'redis'], 'two clusters', () => {
  let database: TestDatabase;
  let home: ScratchKeyspace;
  let second: SecondCluster;
  let folder: string;
  let config: Config;
  const apps: App[] = [];
  let acme: Member;
  let euro: Member;

  const start = async (): Promise<App> => {
    const app = await startApp(config, silentLogger);
    apps.push(app);
    return app;
  };
  const signIn = async (app: App, organization: string): Promise<Person> =>
    person(app, (await tokenFor(config, options, { organization, handle: 'ada', lifeMs: 3_600_000 })).token);
  const member = async (app: App, organization: string): Promise<Member> => {
    const who = await signIn(app, organization);
    const { createChannel } = await who.ask<{ createChannel: { channel: { id: string } } }>(
      'mutation { createChannel(input: { name: "Clusters" }) { channel { id } } }',
    );
    return { who, channel: createChannel.channel.id, listener: await who.listen() };
  };
  const health = async (app: App) => (await fetch(`${app.url}/health/ready`)).json();
  /** Sends, is told of it, reads it: all that people do, again and again. */
  const chat = async ({ who, channel, listener }: Member, text: string) => {
    for (let i = 0; i < 10; i++) {
      await send(who, channel, `${text} ${i}`);
      await expect.poll(() => listener.heard().join()).toContain(`${text} ${i}`);
    }
    expect(JSON.stringify(await see(who, channel))).toContain(`${text} 9`);
  };
  const isAway = ({ who, channel }: Member) =>
    Promise.all([
      expect(send(who, channel, 'not now')).rejects.toThrow('UNAVAILABLE'),
      expect(see(who, channel)).rejects.toThrow('UNAVAILABLE'),
    ]);
  const isBack = ({ who, channel }: Member, text: string) =>
    expect
      .poll(() => send(who, channel, text).then(() => 'sent', String), { timeout: 60_000, interval: 200 })
      .toBe('sent');

  beforeAll(async () => {
    [database, second] = await Promise.all([createDatabase(), startSecondCluster()]);
    home = scratchKeyspace('home');
    folder = await mkdtemp(join(tmpdir(), 'backscroll-clusters-'));
    config = readConfig({
      DATABASE_URL: database.url,
      REDIS_URL: serviceUrl('redis'),
      CASSANDRA_URL: home.url,
      CELL_EU: second.url('chat'),
      JWT_SECRET: 'a secret of the tests, long enough for HS256',
      DATA_DIR: folder,
      PORT: '0',
      SEND_LIMIT_PER_USER: '0',
    });
    await migrateStores(config, options);
    await withPeople(config, options, async ({ organizations }) => {
      await organizations.create({ slug: 'acme', name: 'Acme', cell: 'default' });
      await organizations.create({ slug: 'euro', name: 'Euro', cell: 'eu' });
    });
    const app = await start();
    acme = await member(app, 'acme');
    euro = await member(app, 'euro');
  }, 240_000);
  afterAll(async () => {
    await acme?.listener.stop();
    await euro?.listener.stop();
    for (const app of apps) await app.close();
    await second?.stop();
    await home?.drop();
    await database?.drop();
    await rm(folder, { recursive: true });
  });

  test('what is said on one is in none of the tables of the other', async () => {
    await chat(acme, 'said at home');
    await chat(euro, 'said in Europe');
    const connect = async () => {
      const session = new Session(parseCassandraUrl(second.url('chat')), 20_000, silentLogger);
      await session.connect();
      return session;
    };
    const there = await allRows({ connect, parsed: parseCassandraUrl(second.url('chat')) });
    const here = await allRows(home);
    expect(here).toContain('said at home 9');
    expect(here).not.toContain('said in Europe');
    expect(there).toContain('said in Europe 9');
    expect(there).not.toContain('said at home');
  });

  test('one hangs: the other’s people go on, its own are told, a server starts, and all is well when it is back', async () => {
    const [app] = apps;
    if (app === undefined) throw new Error('one server');
    await second.service('pause');
    const away = isAway(euro);
    await chat(acme, 'while the other hangs');
    await away;
    await expect
      .poll(() => health(app), { timeout: 20_000 })
      .toMatchObject({
        status: 'degraded',
        parts: { messages: { state: 'up' }, 'cell:default': { state: 'up' }, 'cell:eu': { state: 'down' } },
      });
    // By now it is not even asked.
    await isAway(euro);
    const late = await start();
    expect(await health(late)).toMatchObject({ status: 'degraded' });
    const there = { ...acme, who: await signIn(late, 'acme') };
    await chat(there, 'on a server that has started meanwhile');
    const lateEuro = { ...euro, who: await signIn(late, 'euro') };
    await isAway(lateEuro);

    await second.service('resume');
    await isBack(euro, 'back');
    await isBack(lateEuro, 'back there too');
    await expect.poll(() => euro.listener.heard().join(), { timeout: 20_000 }).toContain('back there too');
    await expect.poll(() => health(late), { timeout: 20_000 }).toMatchObject({ status: 'ready' });
    const { messages } = await see(euro.who, euro.channel);
    expect(messages.edges.map(({ node }) => node.seq)).toEqual(messages.edges.map((_, i) => i + 1));
  });

  test('one is killed: the other’s people go on', async () => {
    await second.service('kill');
    const away = isAway(euro);
    await chat(acme, 'while the other is dead');
    await away;
  });
});
