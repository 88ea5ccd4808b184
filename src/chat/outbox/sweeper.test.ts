import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { conflict, unavailable } from '../errors.ts';
import { silentLogger } from '../logger.ts';
import type { OutboxRow } from './port.ts';
import { startSweeper } from './sweeper.ts';
import { memoryOutbox, outboxRow } from './testing/memory-outbox.ts';

/** An outbox with rows in it, and a log that fails for as long as it is told to. */
function ports(rows: readonly OutboxRow[]) {
  const given = {
    isAway: false,
    refused: '',
    appended: [] as string[],
    messages: { heads: async () => [0] },
    changes: {
      append: vi.fn(async (_channel: object, send: { readonly sendKey: string }) => {
        if (given.isAway) throw unavailable('message store');
        if (given.refused === send.sendKey) throw conflict('too far back');
        given.appended.push(send.sendKey);
      }),
    },
    outbox: memoryOutbox(rows),
    logger: silentLogger,
  };
  return given;
}

/** `channel/number`, one row each. */
const rowsNamed = (...ids: readonly string[]) =>
  ids.map((id) => outboxRow(id, { channelId: id.split('/')[0] ?? '' }));

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

test('sweeps by itself, again and again, until it is closed', async () => {
  const given = ports(rowsNamed('a/1', 'b/1'));
  const sweeper = startSweeper(given);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(given.outbox.ids()).toEqual([]);
  const rounds = given.outbox.due.mock.calls.length;
  expect(rounds).toBeGreaterThan(1);
  await sweeper.close();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(given.outbox.due).toHaveBeenCalledTimes(rounds);
});

test('ends a round after a few failures, keeps what is left, and goes on in the next', async () => {
  const ids = Array.from({ length: 20 }, (_, i) => `${i}/1`);
  const given = ports(rowsNamed(...ids));
  const sweeper = startSweeper(given);
  given.isAway = true;
  expect(await sweeper.sweep()).toBe(0);
  expect(given.changes.append).toHaveBeenCalledTimes(3);
  expect(given.outbox.ids()).toEqual(ids);
  given.isAway = false;
  expect(await sweeper.sweep()).toBe(20);
  expect(given.outbox.ids()).toEqual([]);
  await sweeper.close();
});

test('channels whose store is away do not hold up the others for ever', async () => {
  const given = ports(rowsNamed('a/1', 'b/1', 'c/1', 'd/1'));
  given.changes.append.mockImplementation(async ({ channelId }: { channelId?: string }) => {
    if (channelId !== 'd') throw unavailable('message store');
  });
  const sweeper = startSweeper(given);
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect(given.outbox.ids()).toEqual(['a/1', 'b/1', 'c/1']);
  await sweeper.close();
});

test('a row that the log refuses keeps back those behind it and no other channel', async () => {
  const given = ports(rowsNamed('a/1', 'b/1', 'a/2', 'b/2', 'a/3', 'c/1'));
  given.refused = 'a/2';
  const sweeper = startSweeper(given);
  await sweeper.sweep();
  await sweeper.sweep();
  expect(given.outbox.ids()).toEqual(['a/2', 'a/3']);
  given.refused = '';
  expect(await sweeper.sweep()).toBe(2);
  expect(given.appended.filter((id) => id.startsWith('a'))).toEqual(['a/1', 'a/2', 'a/3']);
  await sweeper.close();
});

test('runs one round at a time, and takes a bounded part of the channels, each wholly', async () => {
  const first = Array.from({ length: 150 }, (_, i) => `0/${i}`);
  const others = Array.from({ length: 120 }, (_, i) => `${i + 1}/1`);
  const given = ports(rowsNamed(...first, ...others));
  const sweeper = startSweeper(given);
  expect(await Promise.all([sweeper.sweep(), sweeper.sweep()])).toEqual([249, 249]);
  expect(given.outbox.due).toHaveBeenCalledOnce();
  expect(given.appended.filter((id) => id.startsWith('0/'))).toEqual(first);
  expect(given.outbox.ids()).toHaveLength(21);
  await sweeper.close();
});

test('asks for nothing of cells that are away, and finds out anew in each round', async () => {
  const given = ports(rowsNamed('a/1'));
  const away = ['far'];
  const sweeper = startSweeper({ ...given, awayCells: () => [...away] });
  await sweeper.sweep();
  away.pop();
  await sweeper.sweep();
  expect(given.outbox.due.mock.calls.map(([, , cells]) => cells)).toEqual([['far'], []]);
  await sweeper.close();
});
