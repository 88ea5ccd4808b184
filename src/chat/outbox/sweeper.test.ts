import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { OutboxRow } from '../channels/port.ts';
import { conflict, unavailable } from '../errors.ts';
import { silentLogger } from '../logger.ts';
import { startSweeper } from './sweeper.ts';

/** An outbox with rows in it, and a log that fails for as long as it is told to. */
function ports(ids: readonly string[]) {
  let rows: readonly OutboxRow[] = ids.map((id) => ({
    id,
    organizationId: 'o',
    channelId: 'c',
    kind: 'CHANNEL_UPDATED',
    actorId: 'ada',
    userId: null,
    createdAt: new Date(0),
  }));
  const given = {
    isAway: false,
    refused: '',
    left: () => rows.map((row) => row.id),
    messages: { heads: async () => [0] },
    changes: {
      append: vi.fn(async (_channel: object, send: { readonly sendKey: string }) => {
        if (given.isAway) throw unavailable('message store');
        if (given.refused === send.sendKey) throw conflict('too far back');
      }),
    },
    outbox: {
      due: vi.fn(async (_olderThanMs: number, limit: number) => rows.slice(0, limit)),
      done: async (done: readonly string[]) => {
        rows = rows.filter((row) => !done.includes(row.id));
      },
    },
    logger: silentLogger,
  };
  return given;
}

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

test('sweeps by itself, again and again, until it is closed', async () => {
  const given = ports(['a', 'b']);
  const sweeper = startSweeper(given);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(given.left()).toEqual([]);
  const rounds = given.outbox.due.mock.calls.length;
  expect(rounds).toBeGreaterThan(1);
  await sweeper.close();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(given.outbox.due).toHaveBeenCalledTimes(rounds);
});

test('stops a round at the first failure, keeps what is left, and goes on in the next', async () => {
  const given = ports(['a', 'b', 'c']);
  const sweeper = startSweeper(given);
  given.isAway = true;
  expect(await sweeper.sweep()).toBe(0);
  expect(given.changes.append).toHaveBeenCalledOnce();
  expect(given.left()).toEqual(['a', 'b', 'c']);
  given.isAway = false;
  expect(await sweeper.sweep()).toBe(3);
  expect(given.left()).toEqual([]);
  await sweeper.close();
});

test('a row that the log refuses does not keep the others waiting', async () => {
  const given = ports(['a', 'b', 'c']);
  given.refused = 'a';
  const sweeper = startSweeper(given);
  expect(await sweeper.sweep()).toBe(2);
  expect(given.left()).toEqual(['a']);
  await sweeper.close();
});

test('runs one round at a time, and takes a bounded part of the outbox', async () => {
  const given = ports(Array.from({ length: 150 }, (_, i) => `row ${i}`));
  const sweeper = startSweeper(given);
  expect(await Promise.all([sweeper.sweep(), sweeper.sweep()])).toEqual([100, 100]);
  expect(given.outbox.due).toHaveBeenCalledOnce();
  expect(given.left()).toHaveLength(50);
  await sweeper.close();
});
