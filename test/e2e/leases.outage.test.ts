/**
 * Ended rights on three real replicas, each with a socket of the person they end for: nothing said after the removal has
 * returned reaches that person, in the middle of a stream, with Redis away, and on a replica that was paused for longer
 * than its lease. A few runs of the race, or REVOCATION_RUNS of them.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { isRedisInstalled, type OwnRedis, ownRedis } from '../../src/realtime/testing/own-redis.ts';
import { describeWith } from '../services.ts';
import { type Fleet, startFleet } from './fleet.ts';
import type { Replica } from './process.ts';
import { request, sendUntilSaved } from './requests.ts';
import { type Watcher, watch } from './watcher.ts';

const RUNS = Number(process.env.REVOCATION_RUNS ?? 3);
const until = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 60_000, interval: 20 });

await describeWith(['postgres', 'cassandra'], 'what has ended on three replicas', () => {
  let redis: OwnRedis;
  let fleet: Fleet;
  let admin: string;
  let ada: string;
  let adaId: string;
  let watchers: Watcher[] = [];

  beforeAll(async () => {
    if (!isRedisInstalled()) throw new Error('redis-server is not installed');
    redis = await ownRedis();
    await redis.start();
    fleet = await startFleet(3, { redisUrl: redis.url });
    admin = await fleet.token('grace', { handle: 'grace' });
    ada = await fleet.token('ada', { handle: 'ada' });
    const me = await request<{ viewer: { user: { id: string } } }>(
      at(0).url,
      ada,
      '{ viewer { user { id } } }',
    );
    adaId = me.viewer.user.id;
  }, 180_000);
  afterEach(async () => {
    await Promise.all(watchers.map((watcher) => watcher.stop()));
    watchers = [];
  });
  afterAll(async () => {
    await fleet?.stop();
    await redis?.stop();
  }, 60_000);

  function at(i: number): Replica {
    const replica = fleet.replicas[i % 3];
    if (replica === undefined) throw new Error('three replicas');
    return replica;
  }
  const watchEverywhere = async (token: string): Promise<Watcher[]> => {
    watchers = await Promise.all(fleet.replicas.map(({ wsUrl }) => watch(wsUrl, token)));
    return watchers;
  };
  const channelOfAda = () => channelOf(adaId);
  const channelOf = async (memberId: string): Promise<string> => {
    const made = await request<{ createChannel: { channel: { id: string } } }>(
      at(0).url,
      admin,
      'mutation ($input: CreateChannelInput!) { createChannel(input: $input) { channel { id } } }',
      { input: { name: `Race ${randomUUID()}`, visibility: 'PRIVATE', memberIds: [memberId] } },
    );
    return made.createChannel.channel.id;
  };
  const remove = (replica: Replica, channelId: string) =>
    request(
      replica.url,
      admin,
      'mutation ($input: MemberInput!) { removeMember(input: $input) { channelId } }',
      {
        input: { channelId, userId: adaId },
      },
    );
  const say = (replica: Replica, channelId: string, text: string) =>
    sendUntilSaved([replica.url], admin, { channelId, text, clientMessageId: randomUUID() });

  /** What is said in another channel of ada's has come everywhere: so has all that was said before it, if it ever comes. */
  async function flush(ones: readonly Watcher[]): Promise<void> {
    const channelId = await channelOfAda();
    for (const one of ones) await until(() => expect(one.attached).toContain(channelId));
    const text = `flush ${randomUUID()}`;
    for (const [i] of fleet.replicas.entries()) await say(at(i), channelId, `${text} ${i}`);
    for (const one of ones) {
      for (const [i] of fleet.replicas.entries())
        await until(() => expect(one.texts).toContain(`${text} ${i}`));
    }
  }

  /** Writers on all replicas all the while; whatever is sent once the removal has returned says so. */
  async function race(run: number, ones: readonly Watcher[]): Promise<void> {
    const channelId = await channelOfAda();
    for (const one of ones) await until(() => expect(one.attached).toContain(channelId));
    let isRemoved = false;
    let isOver = false;
    const writing = fleet.replicas.map(async (replica) => {
      while (!isOver) await say(replica, channelId, `${isRemoved ? 'after' : 'before'} ${run}`);
    });
    await sleep(Math.random() * 60);
    await remove(at(run), channelId);
    isRemoved = true;
    await sleep(60);
    isOver = true;
    await Promise.all(writing);
    await flush(ones);
    for (const one of ones) {
      expect(one.texts.filter((text) => text === `after ${run}`)).toEqual([]);
      expect(one.detached).toContain(channelId);
    }
  }

  test('the race', { timeout: 120_000 + RUNS * 5_000 }, async () => {
    const ones = await watchEverywhere(ada);
    for (let run = 0; run < RUNS; run += 1) await race(run, ones);
    expect(ones.some(({ texts }) => texts.some((text) => text.startsWith('before')))).toBe(true);
  });

  test('the race with Redis away', { timeout: 120_000 + RUNS * 15_000 }, async () => {
    const ones = await watchEverywhere(ada);
    await redis.stop();
    try {
      for (let run = 0; run < Math.ceil(RUNS / 5); run += 1) await race(run, ones);
    } finally {
      await redis.start();
    }
  });

  test('a replica that is paused for longer than its lease tells of nothing said meanwhile when it goes on', async () => {
    const ones = await watchEverywhere(ada);
    const [, paused] = ones;
    const channelId = await channelOfAda();
    for (const one of ones) await until(() => expect(one.attached).toContain(channelId));
    await say(at(0), channelId, 'seen');
    for (const one of ones) await until(() => expect(one.texts).toContain('seen'));
    const postgres = await fleet.postgres();
    at(1).pause();
    try {
      // The bus keeps nothing for it: it learns of the removal from its lease, or not at all.
      await redis.run('CLIENT', 'KILL', 'TYPE', 'pubsub');
      // Waits for the paused one's lease to lapse, and says no error.
      await remove(at(0), channelId);
      for (let i = 0; i < 20; i += 1) await say(at(i % 2 === 0 ? 0 : 2), channelId, `secret ${i}`);
      // Postgres does not say yet what has ended, while the logs say what was said: its clock alone stops it.
      await postgres.query('begin');
      await postgres.query('lock table edge_leases, memberships in access exclusive mode');
      at(1).resume();
      await sleep(2_500);
      expect(paused?.texts.filter((text) => text.startsWith('secret'))).toEqual([]);
      expect(paused?.detached).not.toContain(channelId);
    } finally {
      await postgres.end();
      at(1).resume();
    }
    await until(() => expect(paused?.detached).toContain(channelId));
    await flush(ones);
    for (const one of ones) expect(one.texts.filter((text) => text.startsWith('secret'))).toEqual([]);
  });

  test.each(['up', 'away'])(
    'whoever is deactivated in the middle of it all hears and is told nothing once the command has returned, with Redis %s',
    async (how) => {
      const handle = `linus-${how}`;
      const linus = await fleet.token(handle, { handle });
      const me = '{ viewer { user { id } } }';
      const { viewer } = await request<{ viewer: { user: { id: string } } }>(at(0).url, linus, me);
      const channelId = await channelOf(viewer.user.id);
      const ones = await watchEverywhere(linus);
      if (how === 'away') await redis.stop();
      let isOut = false;
      let isOver = false;
      const writing = fleet.replicas.map(async (replica) => {
        while (!isOver) await say(replica, channelId, isOut ? 'after' : 'before');
      });
      const answered = { before: 0, after: 0 };
      // On connections that were there before: `fetch` keeps them.
      const asking = fleet.replicas.map(async ({ url }) => {
        while (!isOver) {
          const when = isOut ? 'after' : 'before';
          const refused = await request(url, linus, me).catch((error: unknown) => error);
          if (!(refused instanceof Error)) answered[when] += 1;
          else expect(refused).toMatchObject({ codes: ['UNAUTHENTICATED'] });
          await sleep(10);
        }
      });
      try {
        await fleet.cli('user', 'deactivate', 'acme', handle);
        isOut = true;
        for (const { url, wsUrl } of fleet.replicas) {
          await expect(request(url, linus, me)).rejects.toMatchObject({ codes: ['UNAUTHENTICATED'] });
          await expect(watch(wsUrl, linus)).rejects.toMatchObject({ code: 4401 });
        }
        for (const one of ones) await until(() => expect(one.closedBy()).toBe(4401));
      } finally {
        isOver = true;
        await Promise.all([...writing, ...asking]);
        if (how === 'away') await redis.start();
      }
      for (const one of ones) expect(one.texts).not.toContain('after');
      expect(ones.some(({ texts }) => texts.includes('before'))).toBe(true);
      expect(answered).toEqual({ before: expect.toSatisfy((times: number) => times > 0), after: 0 });
    },
  );
});
