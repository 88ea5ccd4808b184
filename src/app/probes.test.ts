import { expect, test } from 'vitest';
import { silentLogger } from '../chat/logger.ts';
import { readConfig } from '../config/config.ts';
import { readinessCheck } from '../http/health.ts';
import type { BusState } from '../realtime/bus.ts';
import { probesOf } from './probes.ts';

const production = readConfig({
  DATABASE_URL: 'postgres://db/chat',
  CASSANDRA_URL: 'cassandra://c/chat',
  REDIS_URL: 'redis://r',
  JWT_SECRET: 'x'.repeat(32),
});

function readiness(given: {
  database?: string;
  messages?: string;
  bus?: BusState;
  databaseAheadMs?: number;
}) {
  const { database, messages, bus = 'UP', databaseAheadMs = 0 } = given;
  const answer = async (problem: string | undefined) => {
    if (problem !== undefined) throw new Error(problem);
  };
  const probes = probesOf(production, {
    relational: { ping: () => answer(database), now: async () => 1_000_000 + databaseAheadMs },
    logs: { ping: () => answer(messages), cells: [] },
    bus: { state: () => bus },
    clock: { now: () => 1_000_000 },
  });
  return readinessCheck(probes, silentLogger)();
}

test('all parts up: ready', async () => {
  expect(await readiness({})).toEqual({
    status: 'ready',
    parts: {
      database: { state: 'up' },
      messages: { state: 'up' },
      bus: { state: 'up' },
      clock: { state: 'up' },
    },
  });
});

test('without its database or its messages a replica is unready, and says which', async () => {
  expect(await readiness({ database: 'connection refused' })).toMatchObject({
    status: 'unready',
    parts: { database: { state: 'down' }, messages: { state: 'up' } },
  });
  expect(await readiness({ messages: 'no quorum' })).toMatchObject({ status: 'unready' });
});

test('without Redis it is degraded and serves: sends are saved, so nobody is to be sent elsewhere', async () => {
  expect(await readiness({ bus: 'DOWN' })).toMatchObject({
    status: 'degraded',
    parts: { bus: { state: 'down' } },
  });
});

test("a clock more than 5 s off the database's makes it unready, in words", async () => {
  expect(await readiness({ databaseAheadMs: 5_000 })).toMatchObject({ status: 'ready' });
  expect(await readiness({ databaseAheadMs: -6_000 })).toMatchObject({
    status: 'unready',
    parts: { clock: { problem: expect.stringContaining('6.0 s ahead of') } },
  });
  expect(await readiness({ databaseAheadMs: 7_500 })).toMatchObject({
    status: 'unready',
    parts: { clock: { problem: expect.stringContaining('7.5 s behind') } },
  });
});
