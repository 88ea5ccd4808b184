/**
 * Whatever happens meanwhile: clients that come and go, edges that are killed and replaced, a Redis that restarts or
 * forgets everything. While 20 writers write, every client ends with every message once and in order. A few random runs,
 * or CHAOS_RUNS of them.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isRedisInstalled, type OwnRedis, ownRedis } from '../../src/realtime/testing/own-redis.ts';
import { describeWith } from '../services.ts';
import { type Fleet, startFleet } from './fleet.ts';
import type { Replica } from './process.ts';
import { request, sendUntilSaved } from './requests.ts';
import { openSidebar, type Sidebar } from './sidebar.ts';

const RUNS = Number(process.env.CHAOS_RUNS ?? 2);
const EDGES = 3;
const CLIENTS = 5;
const CHANNELS = 3;
const WRITERS = 20;
const WRITING_MS = 1_500;
const PATIENCE_MS = 90_000;

await describeWith(['postgres', 'cassandra'], 'chaos on three edges', () => {
  let redis: OwnRedis;
  let fleet: Fleet;
  let admin: string;
  let edges: Replica[] = [];
  const done = { runs: 0, messages: 0, cuts: 0, kills: 0, restarts: 0, flushes: 0 };

  beforeAll(async () => {
    if (!isRedisInstalled()) throw new Error('redis-server is not installed');
    redis = await ownRedis();
    await redis.start();
    fleet = await startFleet(EDGES, { redisUrl: redis.url });
    edges = [...fleet.replicas];
    admin = await fleet.token('admin');
  }, 180_000);
  afterAll(async () => {
    await fleet?.stop();
    await redis?.stop();
    console.log(`chaos: ${JSON.stringify(done)}`);
  }, 60_000);

  const any = <T>(list: readonly T[]): T => {
    const one = list[Math.floor(Math.random() * list.length)];
    if (one === undefined) throw new Error('nothing to choose from');
    return one;
  };

  /** Somebody new, and how they are known. */
  async function person(name: string): Promise<{ token: string; id: string }> {
    const token = await fleet.token(name);
    const me = await request<{ viewer: { user: { id: string } } }>(
      any(edges).url,
      token,
      '{ viewer { user { id } } }',
    );
    return { token, id: me.viewer.user.id };
  }

  async function channelOf(memberIds: readonly string[]): Promise<string> {
    const made = await request<{ createChannel: { channel: { id: string } } }>(
      any(edges).url,
      admin,
      'mutation ($input: CreateChannelInput!) { createChannel(input: $input) { channel { id } } }',
      { input: { name: `Chaos ${randomUUID()}`, visibility: 'PRIVATE', memberIds } },
    );
    return made.createChannel.channel.id;
  }

  /** Killed without a word; another takes its place, as a supervisor would have it. */
  async function killEdge(): Promise<void> {
    const killed = any(edges);
    edges = edges.filter((edge) => edge !== killed);
    await killed.end('SIGKILL');
    edges = [...edges, await fleet.start()];
    done.kills += 1;
  }
  /** What happens to Redis happens one after another. */
  let redisFault: Promise<void> = Promise.resolve();
  const toRedis = (fault: () => Promise<void>): Promise<void> => {
    redisFault = redisFault.then(fault);
    return redisFault;
  };
  const restartRedis = (): Promise<void> =>
    toRedis(async () => {
      await redis.stop();
      await sleep(Math.random() * 500);
      await redis.start();
      done.restarts += 1;
    });
  const forgetAll = (): Promise<void> =>
    toRedis(async () => {
      await redis.run('FLUSHALL');
      done.flushes += 1;
    });

  async function disturb(clients: readonly Sidebar[], isOver: () => boolean): Promise<void> {
    const faults = [any([killEdge, restartRedis]), any([restartRedis, forgetAll, forgetAll])];
    const cutting = async (): Promise<void> => {
      while (!isOver()) {
        await sleep(Math.random() * 200);
        any(clients).cut();
        done.cuts += 1;
      }
    };
    const large = faults.map((fault) => sleep(Math.random() * WRITING_MS).then(fault));
    await Promise.all([cutting(), ...large]);
  }

  /** Until `until`, and how many each channel got. */
  async function write(channels: readonly string[], until: number): Promise<ReadonlyMap<string, number>> {
    const written = new Map<string, number>();
    const writer = async (): Promise<void> => {
      while (Date.now() < until) {
        const channelId = any(channels);
        const urls = [any(edges).url, ...edges.map(({ url }) => url)];
        const input = { channelId, text: `message ${randomUUID()}`, clientMessageId: randomUUID(), basis: 0 };
        await sendUntilSaved(urls, admin, input);
        written.set(channelId, (written.get(channelId) ?? 0) + 1);
        await sleep(Math.random() * 60);
      }
    };
    await Promise.all(Array.from({ length: WRITERS }, writer));
    return written;
  }

  async function waitFor(what: string, check: () => boolean, told: () => unknown): Promise<void> {
    for (const end = Date.now() + PATIENCE_MS; !check(); await sleep(20)) {
      if (Date.now() > end) throw new Error(`${what}: ${JSON.stringify(told())}`);
    }
  }

  async function run(n: number): Promise<void> {
    const people = await Promise.all(Array.from({ length: CLIENTS }, (_, i) => person(`reader-${n}-${i}`)));
    const ids = people.map(({ id }) => id);
    const channels = await Promise.all(Array.from({ length: CHANNELS }, () => channelOf(ids)));
    const clients = people.map(({ token }) => openSidebar(() => any(edges).wsUrl, token));
    const state = () =>
      clients.map(({ seqs, closeCodes, faults }) => ({
        has: channels.map((id) => seqs.get(id)?.length ?? 0),
        closeCodes,
        faults,
      }));
    try {
      // Every client knows where each channel begins.
      const begun = () => clients.every(({ cursors }) => channels.every((id) => cursors.has(id)));
      await waitFor('not all began', begun, state);
      const until = Date.now() + WRITING_MS;
      const [written] = await Promise.all([
        write(channels, until),
        disturb(clients, () => Date.now() >= until),
      ]);
      const total = [...written.values()].reduce((sum, count) => sum + count, 0);
      const isWhole = ({ seqs }: Sidebar): boolean =>
        channels.every((id) => (seqs.get(id)?.length ?? 0) >= (written.get(id) ?? 0));
      await waitFor(`not all of ${total} came`, () => clients.every(isWhole), state);
      for (const [i, { seqs, faults, closeCodes }] of clients.entries()) {
        expect(faults, `client ${i} of run ${n}`).toEqual([]);
        for (const id of channels) {
          const count = written.get(id) ?? 0;
          const told = seqs.get(id) ?? [];
          const wrong = told.findIndex((seq, at) => seq !== at + 1);
          expect(wrong, `client ${i} of run ${n}: ${told.join()}; closed by ${closeCodes.join()}`).toBe(-1);
          expect(told.length, `client ${i} of run ${n}`).toBe(count);
        }
      }
      done.runs += 1;
      done.messages += total;
    } finally {
      await Promise.all(clients.map((client) => client.stop()));
    }
  }

  test.each(Array.from({ length: RUNS }, (_, i) => i + 1))('run %i', (n) => run(n), 240_000);
});
