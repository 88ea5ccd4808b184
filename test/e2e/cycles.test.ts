/**
 * Clients that come, subscribe and leave in every way there is leave nothing behind: sockets, subscriptions, topics,
 * timers and memory return to where they were. `CYCLES=1000` runs that many.
 */
import { once } from 'node:events';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { TestClient } from '../../src/edge/testing/edge-server.ts';
import { startWatched, type Watched } from './watched.ts';

const CYCLES = Number(process.env.CYCLES ?? 300);
const WARM_UP = 200;
const AT_ONCE = 10;
/** Of heap that may differ between two looks: code that was compiled meanwhile, caches that are bounded. */
const SLACK_BYTES = 4 * 1024 * 1024;

const EVENTS = 'subscription { events { __typename channelId cursor } }';

let server: Watched;
beforeAll(async () => {
  server = await startWatched();
}, 120_000);
afterAll(() => server?.close());

/** The ways of leaving, each at another moment. */
const ways: ((token: string) => Promise<void>)[] = [
  async () => {
    const client = new TestClient(server.wsUrl);
    await once(client.ws, 'open');
    client.ws.terminate();
  },
  async (authorization) => {
    const client = await TestClient.knock(server.wsUrl, { authorization });
    client.ws.terminate();
  },
  async (authorization) => {
    const client = await TestClient.open(server.wsUrl, { authorization });
    client.subscribe('a', EVENTS);
    client.ws.terminate();
  },
  async (authorization) => {
    const client = await TestClient.open(server.wsUrl, { authorization });
    client.subscribe('a', EVENTS);
    client.send({ id: 'a', type: 'complete' });
    client.ws.close();
    await client.closed;
  },
  async (authorization) => {
    const client = await TestClient.open(server.wsUrl, { authorization });
    client.subscribe('a', EVENTS);
    client.subscribe('b', EVENTS);
    await Promise.all([client.expect('next', 'a'), client.expect('next', 'b')]);
    client.ws.terminate();
  },
  async (authorization) => {
    const client = await TestClient.open(server.wsUrl, { authorization });
    client.subscribe('a', EVENTS);
    await client.expect('next', 'a');
    client.send({ id: 'a', type: 'complete' });
    client.subscribe('q', '{ viewer { user { handle } } }');
    await client.expect('complete', 'q');
    client.ws.close();
    await client.closed;
  },
  async (authorization) => {
    const client = await TestClient.open(server.wsUrl, { authorization });
    client.subscribe('a', EVENTS);
    await client.expect('next', 'a');
    client.ws.pause();
    client.ws.terminate();
  },
];

async function cycle(count: number, tokens: readonly string[]): Promise<void> {
  let next = 0;
  const runner = async (): Promise<void> => {
    for (let i = next++; i < count; i = next++) {
      await ways[i % ways.length]?.(tokens[i % tokens.length] ?? '');
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, runner));
}

/** As soon as everything that was opened is closed again. */
async function settled(): Promise<Awaited<ReturnType<Watched['look']>>> {
  return vi.waitFor(
    async () => {
      const look = await server.look();
      expect(look).toMatchObject({ sockets: 0, subscriptions: 0, channels: 0, topics: 0 });
      return look;
    },
    { timeout: 60_000, interval: 500 },
  );
}

test('nothing is left of clients that came and went', { timeout: 300_000 }, async () => {
  const tokens = await Promise.all(Array.from({ length: 8 }, (_, i) => server.token(`guest${i}`)));
  await cycle(WARM_UP, tokens);
  const before = await settled();
  await cycle(CYCLES, tokens);
  const after = await vi.waitFor(
    async () => {
      const look = await settled();
      expect(look.resources).toEqual(before.resources);
      return look;
    },
    { timeout: 60_000, interval: 500 },
  );
  console.log(
    `${CYCLES} cycles: ${((after.usedBytes - before.usedBytes) / 1024).toFixed(0)} KiB of heap more`,
  );
  expect(after.usedBytes - before.usedBytes).toBeLessThan(SLACK_BYTES);
  expect(server.log()).toBe('');
});
