/** However publications are lost, repeated and reordered: every entry once, in order, changes after what they knew. */
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { Gate } from '../../chat/gate.ts';
import type { ChangeEntry, MessageEntry } from '../../chat/log/entries.ts';
import { silentLogger } from '../../chat/logger.ts';
import { fakeStore } from '../testing/fake-log.ts';
import { messageEntry, quick } from '../testing/replicas.ts';
import { defaultBounds } from '../timings.ts';
import { HubChannel } from './channel.ts';
import { ownChunks } from './chunks.ts';
import { change, type Item, message } from './item.ts';
import { KeptReads } from './kept-reads.ts';
import { MergedReader } from './merged-reader.ts';
import { Turns } from './turns.ts';

const key = { organizationId: 'organization', channelId: 'channel' };

/** Two logs grown together: true for a message, false for a change, with how far its author's head lagged. */
function grow(steps: readonly { isMessage: boolean; lag: number }[]) {
  const messages = fakeStore<MessageEntry>();
  const changes = fakeStore<ChangeEntry>();
  const items: Item[] = [];
  let head = 0;
  for (const { isMessage, lag } of steps) {
    if (isMessage) {
      items.push(message(messages.put(key, messageEntry('text'))));
      head += 1;
    } else {
      const entry = {
        kind: 'MEMBER_JOINED',
        head: Math.max(0, head - lag),
        actorId: 'a',
        userId: 'u',
      } as const;
      items.push(change(changes.put(key, entry)));
    }
  }
  const logs = { messages: messages.log(() => undefined), changes: changes.log(() => undefined) };
  const revs = items.filter((item) => item.log === 'CHANGES').length;
  return { messages, changes, logs, items, heads: { seq: head, rev: revs } };
}

const steps = fc.array(fc.record({ isMessage: fc.boolean(), lag: fc.nat(3) }), {
  minLength: 1,
  maxLength: 40,
});

/** The numbers are 1…head of both logs, and each change comes after the messages that its author knew. */
function expectWhole(given: readonly Item[], heads: { seq: number; rev: number }): void {
  const place = { seq: 0, rev: 0 };
  for (const item of given) {
    if (item.log === 'MESSAGES') {
      expect(item.row.seq).toBe(place.seq + 1);
      place.seq += 1;
    } else {
      expect(item.row.seq).toBe(place.rev + 1);
      expect(item.row.entry.head).toBeLessThanOrEqual(place.seq);
      place.rev += 1;
    }
  }
  expect(place).toEqual(heads);
}

describe('a channel of the hub', () => {
  test('gives every entry once and in order, whatever is published', async () => {
    const publications = fc.array(fc.nat(60), { maxLength: 80 });
    await fc.assert(
      fc.asyncProperty(steps, publications, fc.integer({ min: 1, max: 5 }), async (grown, order, chunk) => {
        const { logs, items, heads } = grow(grown);
        const given: Item[] = [];
        const channel = new HubChannel({
          key,
          epoch: 1,
          repairs: new Gate(1),
          turns: new Turns(),
          kept: new KeptReads({ bytes: 1_000_000, ms: 1, atOnce: 1 }),
          counts: { gapsRepaired: 0, headsChecked: 0 },
          logs,
          timings: quick,
          bounds: { ...defaultBounds, chunk },
          logger: silentLogger,
          check: () => undefined,
        });
        const broken = vi.fn();
        channel.add({ deliver: ({ item }) => void given.push(item), tell: () => undefined, broken });
        const half = order.length / 2;
        for (const [i, which] of order.entries()) {
          // Some come before the channel is open, some while it repairs.
          if (i >= half && channel.position === null) channel.open({ seq: 0, rev: 0 });
          const item = items[which % items.length];
          if (item !== undefined) channel.accept(item);
          if (which % 3 === 0) await new Promise((resolve) => setImmediate(resolve));
        }
        if (channel.position === null) channel.open({ seq: 0, rev: 0 });
        channel.exists(heads);
        await vi.waitFor(() => expect(channel.position).toMatchObject(heads), {
          interval: 1,
          timeout: 5_000,
        });
        expectWhole(given, heads);
        expect(broken).not.toHaveBeenCalled();
        channel.close();
      }),
      { numRuns: 150 },
    );
  });

  test('the next number is given at once, without asking the log', () => {
    const { logs, items, messages, changes, heads } = grow([
      { isMessage: true, lag: 0 },
      { isMessage: false, lag: 0 },
      { isMessage: true, lag: 0 },
    ]);
    const given: Item[] = [];
    const options = {
      key,
      epoch: 1,
      repairs: new Gate(1),
      turns: new Turns(),
      kept: new KeptReads({ bytes: 1_000_000, ms: 1, atOnce: 1 }),
      counts: { gapsRepaired: 0, headsChecked: 0 },
      logs,
      timings: quick,
      bounds: defaultBounds,
      logger: silentLogger,
      check: () => undefined,
    };
    const channel = new HubChannel(options);
    channel.add({
      deliver: ({ item }) => void given.push(item),
      tell: () => undefined,
      broken: () => undefined,
    });
    channel.open({ seq: 0, rev: 0 });
    for (const item of [...items, ...items]) channel.accept(item);
    expectWhole(given, heads);
    expect([messages.calls.range, changes.calls.range]).toEqual([0, 0]);
    expect(options.counts.gapsRepaired).toBe(0);
  });

  test('what is published while the heads are being read is repaired once they are known', async () => {
    const { logs, items, heads } = grow([
      { isMessage: true, lag: 0 },
      { isMessage: false, lag: 0 },
    ]);
    const given: Item[] = [];
    const options = {
      key,
      epoch: 1,
      repairs: new Gate(1),
      turns: new Turns(),
      kept: new KeptReads({ bytes: 1_000_000, ms: 1, atOnce: 1 }),
      counts: { gapsRepaired: 0, headsChecked: 0 },
      logs,
      timings: quick,
      bounds: defaultBounds,
      logger: silentLogger,
      check: () => undefined,
    };
    const channel = new HubChannel(options);
    channel.add({
      deliver: ({ item }) => void given.push(item),
      tell: () => undefined,
      broken: () => undefined,
    });
    for (const item of items) channel.accept(item);
    // The heads as they were read, before all that.
    channel.open({ seq: 0, rev: 0 });
    await vi.waitFor(() => expect(given.length).toBe(2), { interval: 1 });
    expectWhole(given, heads);
    await vi.waitFor(() => expect(options.counts.gapsRepaired).toBe(1), { interval: 1 });
  });

  test('a listener that fails is ended, and the others miss nothing', () => {
    const { logs, items } = grow([
      { isMessage: true, lag: 0 },
      { isMessage: true, lag: 0 },
    ]);
    const options = {
      key,
      epoch: 1,
      repairs: new Gate(1),
      turns: new Turns(),
      kept: new KeptReads({ bytes: 1_000_000, ms: 1, atOnce: 1 }),
      counts: { gapsRepaired: 0, headsChecked: 0 },
      logs,
      timings: quick,
      bounds: defaultBounds,
      logger: silentLogger,
      check: () => undefined,
    };
    const channel = new HubChannel(options);
    const broken = vi.fn();
    const given: Item[] = [];
    const deliver = vi.fn((): never => {
      throw new Error('a bug');
    });
    channel.add({ deliver, tell: () => undefined, broken });
    channel.add({ deliver, tell: () => undefined, broken: deliver });
    channel.add({
      deliver: ({ item }) => void given.push(item),
      tell: () => undefined,
      broken: () => undefined,
    });
    channel.open({ seq: 0, rev: 0 });
    for (const item of items) channel.accept(item);
    expect(given).toEqual(items);
    // The real one leaves when it is told; the other, which cannot even be told, was let go of.
    expect(broken).toHaveBeenCalledTimes(2);
    expect(deliver).toHaveBeenCalledTimes(4);
  });
});

describe('the merged reader', () => {
  test('gives both logs as one order, in chunks of any size, to a goal that moves', async () => {
    await fc.assert(
      fc.asyncProperty(
        steps,
        fc.integer({ min: 1, max: 7 }),
        fc.array(fc.nat(40)),
        async (grown, chunk, goals) => {
          const { logs, heads } = grow(grown);
          const reader = new MergedReader(ownChunks(logs, key), { seq: 0, rev: 0 }, chunk);
          const given: Item[] = [];
          const ascending = goals.toSorted((a, b) => a - b);
          for (const goal of [...ascending, 40]) {
            const upTo = { seq: Math.min(goal, heads.seq), rev: Math.min(goal, heads.rev) };
            while (!reader.hasReached(upTo)) {
              await reader.fill(upTo);
              for (let item = reader.next(upTo); item !== null; item = reader.next(upTo)) given.push(item);
            }
          }
          expectWhole(given, heads);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('gives the same order whatever the chunk', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (grown) => {
        const { logs, heads } = grow(grown);
        const orders = [1, 3, 100].map(async (chunk) => {
          const reader = new MergedReader(ownChunks(logs, key), { seq: 0, rev: 0 }, chunk);
          const given: string[] = [];
          while (!reader.hasReached(heads)) {
            await reader.fill(heads);
            for (let item = reader.next(heads); item !== null; item = reader.next(heads)) {
              given.push(`${item.log}${item.row.seq}`);
            }
          }
          return given;
        });
        const [first, ...others] = await Promise.all(orders);
        for (const other of others) expect(other).toEqual(first);
      }),
    );
  });

  test('a read that fails beside one that is still under way gives nothing twice', async () => {
    const { logs, changes, heads } = grow([
      { isMessage: true, lag: 0 },
      { isMessage: false, lag: 0 },
    ]);
    changes.delayMs = 20;
    let fails = 1;
    const range: typeof logs.messages.range = async (...args) => {
      if (fails-- > 0) throw new Error('down');
      return logs.messages.range(...args);
    };
    const reader = new MergedReader(
      ownChunks({ ...logs, messages: { ...logs.messages, range } }, key),
      { seq: 0, rev: 0 },
      10,
    );
    await expect(reader.fill(heads)).rejects.toThrow('down');
    const given: Item[] = [];
    while (!reader.hasReached(heads)) {
      await reader.fill(heads);
      for (let item = reader.next(heads); item !== null; item = reader.next(heads)) given.push(item);
    }
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(reader.next({ seq: 9, rev: 9 })).toBeNull();
    expectWhole(given, heads);
  });
});
