/**
 * One edge dies with everybody on it. They ask where to go, come back on the two others with their cursors, and miss
 * nothing; the stores are asked for what they missed once for many of them. `SOCKETS=5000` is the full size, for a machine
 * that does nothing else: only when the size is given is it held to how soon they are back and how they are divided, since
 * on a busy machine a server that is not heard for seconds is passed over, and everything takes longer.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import WebSocket from 'ws';
import { createChannel } from '../e2e/crowd.ts';
import { type Fleet, startFleet } from '../e2e/fleet.ts';
import type { Replica } from '../e2e/process.ts';
import { request, sendUntilSaved } from '../e2e/requests.ts';
import { describeWith } from '../services.ts';
import { endpointOf, type Resident, reside } from './resident.ts';
import { countStoreReads } from './store-reads.ts';

const IS_MEASURED = process.env.SOCKETS !== undefined;
const SOCKETS = Number(process.env.SOCKETS ?? 300);
/** Sockets of one person: a phone, a tab, another tab. */
const EACH = 10;
const CHANNELS = 5;
/** Promised: everybody is back by then. */
const BACK_MS = 30_000;
/** How long anything is waited for that has no promise. */
const PATIENCE_MS = 180_000;
/** Between two messages: all of them together get about so many a second, whatever their number. */
const PAUSE_MS = Math.max(100, SOCKETS / 3);
/** Asks at once while people join: the client's side is one process. */
const AT_ONCE = 50;

async function each<T>(items: readonly T[], act: (item: T, i: number) => Promise<void>): Promise<void> {
  const left = [...items.entries()];
  const worker = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) await act(next[1], next[0]);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

await describeWith(['postgres', 'cassandra', 'redis'], 'an edge that is killed', () => {
  let fleet: Fleet;
  let api: Replica;
  let victim: Replica;
  beforeAll(async () => {
    fleet = await startFleet(0);
    [api, victim] = await Promise.all([fleet.start({ ROLE: 'api' }), fleet.start({ ROLE: 'edge' })]);
  }, 120_000);
  afterAll(() => fleet?.stop(), 120_000);

  test('an api server takes no WebSockets, an edge no requests', async () => {
    const token = await fleet.token('ada');
    await vi.waitFor(async () => expect(await endpointOf(api.url, token)).toBe(`${victim.wsUrl}?org=acme`), {
      timeout: 10_000,
    });
    const asked = await fetch(victim.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query: '{ viewer { user { handle } } }' }),
    });
    expect(asked.status).toBe(404);
    expect(await asked.json()).toMatchObject({ errors: [{ extensions: { code: 'NOT_FOUND' } }] });
    const { promise: refused, resolve } = Promise.withResolvers<number | undefined>();
    const socket = new WebSocket(api.wsUrl, 'graphql-transport-ws');
    socket.on('unexpected-response', (_, response) => resolve(response.statusCode));
    socket.on('open', () => resolve(101));
    expect(await refused).toBe(404);
    socket.on('error', () => undefined);
    socket.terminate();
  });

  test('everybody on it is back on the others, and has missed nothing', {
    timeout: 900_000,
  }, async () => {
    const author = await fleet.token('author');
    const channels: string[] = [];
    for (let i = 0; i < CHANNELS; i += 1) channels.push(await createChannel(fleet, author));
    const people = await Promise.all(
      Array.from({ length: Math.ceil(SOCKETS / EACH) }, (_, i) => fleet.token(`person-${i}`)),
    );
    await each(people, async (token, i) => {
      await request(
        api.url,
        token,
        'mutation ($id: ID!) { joinChannel(input: { channelId: $id }) { membership { id } } }',
        { id: channels[i % CHANNELS] },
      );
    });
    const residents: Resident[] = [];
    try {
      const connecting = performance.now();
      const sockets = Array.from({ length: SOCKETS }, (_, i) => people[i % people.length] ?? '');
      await each(sockets, async (token, i) => {
        const resident = reside(api.url, token);
        residents[i] = resident;
        await vi.waitFor(() => expect(resident.begun()).toBe(1), { timeout: PATIENCE_MS, interval: 20 });
      });
      const perSecond = (SOCKETS * 1_000) / (performance.now() - connecting);
      console.log(`${SOCKETS} sockets connected, ${perSecond.toFixed(0)} a second`);
      for (const resident of residents) expect(resident.where()).toBe(`${victim.wsUrl}?org=acme`);
      const others = await Promise.all([fleet.start({ ROLE: 'edge' }), fleet.start({ ROLE: 'edge' })]);

      const written = channels.map(() => 0);
      let isOver = false;
      const writing = (async () => {
        for (let i = 0; !isOver; i += 1) {
          const at = i % CHANNELS;
          await sendUntilSaved([api.url], author, {
            channelId: channels[at] ?? '',
            text: `message ${i}`,
            clientMessageId: randomUUID(),
            basis: 0,
          });
          written[at] = (written[at] ?? 0) + 1;
          await sleep(PAUSE_MS);
        }
      })();
      const counter = await countStoreReads(fleet);
      // Something was received before, and the others have said that they are there.
      const isReady = async (): Promise<void> => {
        expect(await counter.offers()).toBe(3);
        expect(residents.filter(({ seqs }) => seqs.length === 0)).toHaveLength(0);
      };
      await vi.waitFor(isReady, { timeout: PATIENCE_MS, interval: 200 });

      const before = await counter.look();
      const began = performance.now();
      await victim.end('SIGKILL');
      await vi.waitFor(() => expect(residents.filter((resident) => resident.begun() < 2)).toHaveLength(0), {
        timeout: IS_MEASURED ? BACK_MS : PATIENCE_MS,
        interval: 50,
      });
      const tookMs = performance.now() - began;
      // Postgres adds up what its connections did a second later.
      await sleep(1_500);
      const after = await counter.look();
      await counter.close();
      isOver = true;
      await writing;

      // Person i, and so every socket of theirs, is in channel i modulo the number of channels.
      const headOf = (i: number): number => written[(i % people.length) % CHANNELS] ?? Number.NaN;
      const sorted = residents.map((resident, i) => ({ resident, head: headOf(i) }));
      await vi.waitFor(
        () => expect(sorted.filter(({ resident, head }) => resident.seqs.length < head)).toHaveLength(0),
        { timeout: PATIENCE_MS, interval: 50 },
      );
      for (const { resident, head } of sorted) {
        expect(resident.seqs).toEqual(Array.from({ length: head }, (_, i) => i + 1));
        expect(resident.wrong).toEqual([]);
      }

      const counts = others.map(
        ({ wsUrl }) => residents.filter((resident) => resident.where().startsWith(wsUrl)).length,
      );
      expect(counts.reduce((sum, count) => sum + count)).toBe(SOCKETS);
      if (IS_MEASURED) {
        expect(Math.max(...counts)).toBeLessThanOrEqual(Math.ceil((1.3 * SOCKETS) / others.length));
      }
      const reads = {
        cassandra: after.cassandra - before.cassandra,
        postgres: after.postgres - before.postgres,
      };
      console.log(
        `${SOCKETS} sockets back after ${(tookMs / 1_000).toFixed(1)} s, ${counts.join(' and ')}; Cassandra read ${reads.cassandra} times, Postgres had ${reads.postgres} transactions`,
      );
      // What was missed is read once for all who missed it, and people are looked up together: beside what the sends and
      // the leases ask, for as long as it takes. One by one, Cassandra would be asked once for each socket at the least.
      const seconds = (tookMs + 1_500) / 1_000;
      expect(reads.cassandra).toBeLessThan(Math.min(600, 100 + SOCKETS / 2) + 10 * seconds);
      expect(reads.postgres).toBeLessThan(1_000 + SOCKETS / 2 + 30 * seconds);
    } finally {
      await Promise.all(residents.map((resident) => resident.stop()));
    }
  });
});
