/** Reads that many share: each number read once, and nothing shown that a change known since has made untrue. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { ChangeEntry, MessageEntry } from '../../chat/log/entries.ts';
import { fakeStore } from '../testing/fake-log.ts';
import { messageEntry } from '../testing/replicas.ts';
import { SharedChunks } from './chunks.ts';
import { change } from './item.ts';
import { KeptReads } from './kept-reads.ts';

const key = { organizationId: 'organization', channelId: 'channel' };
const opened: KeptReads[] = [];
afterEach(() => {
  for (const kept of opened.splice(0)) kept.close();
});

function setUp({ messages: count = 30, block = 10, bytes = 1_000_000, ms = 60_000, atOnce = 4 } = {}) {
  const messages = fakeStore<MessageEntry>();
  const changes = fakeStore<ChangeEntry>();
  for (let i = 0; i < count; i += 1) messages.put(key, messageEntry(`text ${i + 1}`));
  const known = { rev: 0 };
  const kept = new KeptReads({ bytes, ms, atOnce });
  opened.push(kept);
  const ranges: string[] = [];
  const log = messages.log(() => undefined);
  const logs = {
    messages: {
      ...log,
      range: (...[channel, from, to]: Parameters<typeof log.range>) => {
        ranges.push(`${from}-${to}`);
        return log.range(channel, from, to);
      },
    },
    changes: changes.log(() => undefined),
  };
  const chunks = new SharedChunks({ key, logs, kept, chunk: block, knownRev: () => known.rev });
  const read = async (from: number, to: number, rev = 0): Promise<number[]> =>
    (await chunks.messages(from, to, rev)).map(({ seq }) => seq);
  const alter = (seq: number, kind: ChangeEntry['kind']) => {
    known.rev += 1;
    const entry: ChangeEntry = { kind, head: count, actorId: 'a', userId: null, seq };
    chunks.handOn(change(changes.put(key, entry)));
  };
  return { messages, changes, kept, ranges, chunks, known, read, alter };
}

describe('shared reads', () => {
  test('a herd with slightly different cursors reads each number once, and a lone client no more than it needs', async () => {
    const { ranges, read } = setUp();
    expect(await read(7, 30)).toEqual([7, 8, 9, 10]);
    const herd = [5, 8, 10, 7, 6, 5, 1].map((from) => read(from, 30));
    for (const rows of await Promise.all(herd)) expect(rows.length).toBeGreaterThan(0);
    expect(await read(3, 30)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(ranges).toEqual(['7-10', '1-6']);
  });

  test('those who ask while it is read wait for that read', async () => {
    const { ranges, read, messages } = setUp();
    messages.delayMs = 5;
    const all = await Promise.all(Array.from({ length: 100 }, () => read(11, 30)));
    expect(new Set(all.map(String)).size).toBe(1);
    expect(ranges).toEqual(['11-20']);
  });

  test('what was not there yet is read when it is', async () => {
    const { ranges, read, messages } = setUp({ messages: 14 });
    expect(await read(11, 14)).toEqual([11, 12, 13, 14]);
    for (let i = 0; i < 3; i += 1) messages.put(key, messageEntry('later'));
    expect(await read(12, 17)).toEqual([11, 12, 13, 14]);
    expect(await read(15, 17)).toEqual([15, 16, 17]);
    expect(ranges).toEqual(['11-14', '15-17']);
  });

  test('a change of a message drops what was read of it before, and nothing else', async () => {
    const { ranges, read, alter } = setUp();
    await read(1, 30);
    await read(11, 30);
    alter(12, 'EDITED');
    await read(1, 30);
    await read(11, 30);
    expect(ranges).toEqual(['1-10', '11-20', '11-20']);
  });

  test('what is being read when a change is handed on answers those who waited, and is not kept', async () => {
    const { ranges, read, alter, messages, kept } = setUp();
    messages.delayMs = 5;
    const waiting = read(1, 30);
    alter(3, 'EDITED');
    const later = read(1, 30);
    expect([await waiting, await later].map((rows) => rows.length)).toEqual([10, 10]);
    expect(ranges).toEqual(['1-10', '1-10']);
    expect(kept.size).toBe(1);
  });

  test('whoever knows of changes that the hub has not handed on yet is not answered with an older read', async () => {
    const { ranges, read, known } = setUp();
    await read(1, 30, 0);
    await read(1, 30, 2);
    await read(1, 30, 2);
    expect(ranges).toEqual(['1-10', '1-10']);
    // Once the hub is there, what is kept holds them.
    known.rev = 5;
    await read(1, 30, 5);
    expect(ranges.length).toBe(2);
    await read(1, 30, 6);
    expect(ranges.length).toBe(3);
  });

  test('a deletion drops every change that was read: edits say what the message had said', async () => {
    const { chunks, changes, alter } = setUp();
    for (let i = 0; i < 5; i += 1) alter(1, 'PINNED');
    await chunks.changes(1, 5);
    await chunks.changes(1, 5);
    expect(changes.calls.range).toBe(1);
    alter(2, 'EDITED');
    await chunks.changes(1, 5);
    expect(changes.calls.range).toBe(1);
    alter(2, 'DELETED');
    await chunks.changes(1, 5);
    expect(changes.calls.range).toBe(2);
  });

  test('a read that fails is that of those who waited; the next asks again', async () => {
    const { ranges, read, messages } = setUp();
    messages.isDown = true;
    const waiting = [read(1, 30), read(2, 30)];
    for (const result of await Promise.allSettled(waiting)) expect(result.status).toBe('rejected');
    messages.isDown = false;
    expect((await read(1, 30)).length).toBe(10);
    expect(ranges).toEqual(['1-10', '1-10']);
  });

  test('a read with a hole in it is not kept', async () => {
    const { ranges, read, messages } = setUp({ messages: 3 });
    expect(await read(1, 5)).toEqual([1, 2, 3]);
    messages.put(key, messageEntry('late'));
    messages.put(key, messageEntry('late'));
    expect((await read(4, 5)).length).toBe(2);
    expect(ranges).toEqual(['1-5', '4-5']);
  });

  test('is kept for a moment only, and so many bytes', async () => {
    const { kept, read, ranges } = setUp({ ms: 5 });
    await read(1, 30);
    await vi.waitFor(() => expect([kept.size, kept.bytes]).toEqual([0, 0]));
    await read(1, 30);
    expect(ranges.length).toBe(2);
    const small = setUp({ bytes: 12_000 });
    for (const from of [1, 11, 21]) await small.read(from, 30);
    expect(small.kept.bytes).toBeLessThanOrEqual(12_000);
    expect(small.kept.size).toBe(2);
    await small.read(21, 30);
    await small.read(1, 30);
    expect(small.ranges).toEqual(['1-10', '11-20', '21-30', '1-10']);
  });

  test('no more at once than the store should be asked for', async () => {
    const { messages, read, ranges } = setUp({ messages: 100, atOnce: 2 });
    messages.delayMs = 2;
    const most: number[] = [];
    const reads = Array.from({ length: 10 }, (_, i) => read(i * 10 + 1, 100));
    most.push(ranges.length);
    await Promise.race(reads);
    most.push(ranges.length);
    await Promise.all(reads);
    expect(most[0]).toBeLessThanOrEqual(2);
    expect(most[1]).toBeLessThanOrEqual(4);
    expect(ranges.length).toBe(10);
  });
});
