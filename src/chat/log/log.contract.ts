/**
 * The whole Log over a store: what the domain may rely on, with several replicas and with a store that fails. Run by
 * each adapter's test with one line, so that a store which keeps its port's letter but not its meaning is noticed.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../clock.ts';
import { uuidv7 } from '../ids.ts';
import { silentLogger } from '../logger.ts';
import { createLog, type LogOptions } from './create-log.ts';
import type { MessageEntry } from './entries.ts';
import type { Log } from './log.ts';
import { freshChannel, type OpenedLogs } from './log-store.contract.ts';
import type { ChannelKey, LogRow, LogStore } from './port.ts';
import { CountingStore } from './testing/counting-store.ts';
import { FaultyStore } from './testing/faulty-store.ts';
import { messageSend } from './testing/sends.ts';
import { simulate } from './testing/simulate.ts';

/**
 * @param open opens another connection to the same data at each call; its logs have a bucket size of 8 to 64.
 */
export function logContract(name: string, open: () => Promise<OpenedLogs>): void {
  describe(`a log on ${name}`, () => {
    let opened: OpenedLogs;
    let store: LogStore<MessageEntry>;
    let size: number;
    const logs: Log<MessageEntry>[] = [];

    beforeAll(async () => {
      opened = await open();
      store = opened.messages;
      size = store.bucketSize;
    });
    afterAll(async () => {
      await Promise.all(logs.map((log) => log.close()));
      await opened.close();
    });

    /** Another replica. */
    const replica = (options: Partial<LogOptions<MessageEntry>> = {}): Log<MessageEntry> => {
      const log = createLog<MessageEntry>({
        store,
        clock: systemClock,
        logger: silentLogger,
        onAppended: () => undefined,
        ...options,
      });
      logs.push(log);
      return log;
    };
    const fill = async (log: Log<MessageEntry>, channel: ChannelKey, count: number) => {
      const sends = Array.from({ length: count }, (_, i) => messageSend(`filling ${i}`));
      return Promise.all(sends.map((send) => log.append(channel, send)));
    };
    const everything = (channel: ChannelKey) => store.range(channel, 1, 1_000);

    test('numbers entries from 1 without a gap, and reads back what it answered', async () => {
      const [log, channel] = [replica(), freshChannel()];
      expect(await log.heads([channel])).toEqual([0]);
      const rows: LogRow<MessageEntry>[] = [];
      for (let i = 1; i <= 2 * size + 1; i++) {
        const { row, isDuplicate } = await log.append(channel, messageSend(`message ${i}`));
        expect(row.seq).toBe(i);
        expect(isDuplicate).toBe(false);
        rows.push(row);
      }
      expect(await log.heads([channel])).toEqual([2 * size + 1]);
      expect(await log.range(channel, 1, 1_000)).toEqual(rows);
      expect(
        await log.rows([
          { channel, seq: size },
          { channel, seq: 3 * size },
        ]),
      ).toEqual([rows[size - 1], null]);
    });

    test('takes hundreds of sends at once, each once', async () => {
      const [log, channel] = [replica(), freshChannel()];
      const rows = (await fill(log, channel, 300)).map(({ row }) => row);
      rows.sort((a, b) => a.seq - b.seq);
      expect(rows.map(({ seq }) => seq)).toEqual(Array.from({ length: 300 }, (_, i) => i + 1));
      expect(await everything(channel)).toEqual(rows);
    });

    test('keeps the order of sends that wait for nothing', async () => {
      const [log, channel] = [replica(), freshChannel()];
      const answers = await fill(log, channel, size);
      expect(answers.map(({ row }) => row.seq)).toEqual(Array.from({ length: size }, (_, i) => i + 1));
    });

    test('tells of what it saved, once and in order, before it answers', async () => {
      const channel = freshChannel();
      const told: LogRow<MessageEntry>[] = [];
      const log = replica({ onAppended: (_, rows) => told.push(...rows) });
      await Promise.all(
        Array.from({ length: 40 }, async (_, i) => {
          const { row } = await log.append(channel, messageSend(`message ${i}`));
          expect(told).toContainEqual(row);
        }),
      );
      expect(told).toEqual(await everything(channel));
    });

    describe('a repeated send', () => {
      test('answers with the first message, whatever it carries, on any replica', async () => {
        const channel = freshChannel();
        const first = messageSend('the first');
        const { row } = await replica().append(channel, first);
        const again = { ...first, entry: { ...first.entry, text: 'another text' } };
        for (const log of [replica(), replica()]) {
          expect(await log.append(channel, again)).toEqual({ row, isDuplicate: true });
        }
        expect(await everything(channel)).toEqual([row]);
      });

      test('joins the one under way', async () => {
        const [log, channel] = [replica(), freshChannel()];
        const send = messageSend('once');
        const answers = await Promise.all([log.append(channel, send), log.append(channel, send)]);
        expect(answers.map(({ isDuplicate }) => isDuplicate)).toEqual([false, true]);
        expect(await everything(channel)).toHaveLength(1);
      });

      test.each([
        ['its basis', (basis: number) => ({ basis })],
        ['the time in its id', () => ({ since: Date.now() - 600_000 })],
      ])('is found buckets ago by %s', async (_, searchBackOf) => {
        const channel = freshChannel();
        const log = replica();
        await fill(log, channel, 3);
        const send = messageSend('long ago', { searchBack: searchBackOf(3) });
        const { row } = await log.append(channel, send);
        await fill(log, channel, 4 * size);
        for (const other of [log, replica()]) {
          expect(await other.append(channel, send)).toEqual({ row, isDuplicate: true });
        }
        expect(await log.heads([channel])).toEqual([4 * size + 4]);
      });

      test('is found one bucket ago when it says nothing', async () => {
        const channel = freshChannel();
        const log = replica();
        const send = messageSend('a while ago', { searchBack: 'ONE_BUCKET' });
        const { row } = await log.append(channel, send);
        await fill(log, channel, size);
        expect(await replica().append(channel, send)).toEqual({ row, isDuplicate: true });
      });

      test('of fifty at once over two replicas is saved once', async () => {
        const channel = freshChannel();
        const [a, b] = [replica(), replica()];
        const send = messageSend('once');
        const answers = await Promise.all(
          Array.from({ length: 50 }, (_, i) => (i % 2 === 0 ? a : b).append(channel, send)),
        );
        expect(answers.filter(({ isDuplicate }) => !isDuplicate)).toHaveLength(1);
        expect(new Set(answers.map(({ row }) => row.seq))).toEqual(new Set([1]));
        expect(await everything(channel)).toHaveLength(1);
      });

      test('of fifty at once across the end of a bucket is saved once', async () => {
        for (let before = size - 4; before <= size; before++) {
          const channel = freshChannel();
          const [a, b] = [replica(), replica()];
          await fill(a, channel, before);
          const send = messageSend('once');
          const others = Array.from({ length: 12 }, (_, i) => messageSend(`other ${i}`));
          const answers = await Promise.all([
            ...Array.from({ length: 50 }, (_, i) => (i % 2 === 0 ? a : b).append(channel, send)),
            ...others.map((other, i) => (i % 2 === 0 ? a : b).append(channel, other)),
            ...Array.from({ length: 10 }, (_, i) => (i % 2 === 0 ? b : a).append(channel, send)),
          ]);
          const rows = await everything(channel);
          expect(rows.filter((row) => row.sendKey === send.sendKey)).toHaveLength(1);
          expect(rows.map((row) => row.seq)).toEqual(Array.from({ length: before + 13 }, (_, i) => i + 1));
          expect(new Set(answers.map(({ row }) => row.seq)).size).toBe(13);
        }
      });

      test('that reaches further back than can be searched is refused, unless its id is young', async () => {
        const channel = freshChannel();
        const log = replica({ limits: { searchBuckets: 2 } });
        const old = uuidv7(Date.now() - 11 * 60_000);
        const send = messageSend('long ago', { clientMessageId: old, at: Date.now() - 1_200_000 });
        await log.append(channel, send);
        const past = Array.from({ length: 4 * size }, (_, i) =>
          messageSend(`past ${i}`, { at: Date.now() - 1_200_000 }),
        );
        await Promise.all(past.map((each) => log.append(channel, each)));

        await expect(log.append(channel, { ...send, searchBack: { basis: 0 } })).rejects.toMatchObject({
          code: 'CONFLICT',
        });
        await expect(
          log.append(channel, { ...send, searchBack: { since: Date.now() - 1_260_000 } }),
        ).rejects.toMatchObject({ code: 'CONFLICT' });
        expect(await log.heads([channel])).toEqual([4 * size + 1]);
        // In reach: the basis lies within the two buckets before the newest.
        const near = messageSend('near', { searchBack: { basis: 2 * size + 1 } });
        expect((await log.append(channel, near)).row.seq).toBe(4 * size + 2);
        const young = messageSend('young', { searchBack: { since: Date.now() - 1_190_000 } });
        expect((await log.append(channel, young)).row.seq).toBe(4 * size + 3);
      });
    });

    describe('times', () => {
      test('are the clock’s, and never run backwards', async () => {
        const channel = freshChannel();
        let now = 2_000_000_000_000;
        const clock = { now: () => now };
        const [a, b] = [replica({ clock }), replica({ clock })];
        const at = async (log: Log<MessageEntry>, given?: number) =>
          (await log.append(channel, messageSend('x', given === undefined ? {} : { at: given }))).row.at;
        expect(await at(a)).toBe(2_000_000_000_000);
        now = 1_999_999_999_000;
        expect(await at(b)).toBe(2_000_000_000_000);
        expect(await at(a, 1_900_000_000_000)).toBe(2_000_000_000_000);
        expect(await at(b, 2_000_000_000_500)).toBe(2_000_000_000_500);
        for (let i = 0; i < size; i++) expect(await at(a)).toBe(2_000_000_000_500);
        now = 2_000_000_001_000;
        expect(await at(b)).toBe(2_000_000_001_000);
      });

      test('lead to numbers', async () => {
        const [log, channel] = [replica(), freshChannel()];
        const count = 5 * size + 3;
        const time = (seq: number) => 1_800_000_000_000 + Math.floor(seq / 3) * 1_000;
        const sends = Array.from({ length: count }, (_, i) => messageSend('x', { at: time(i + 1) }));
        await Promise.all(sends.map((send) => log.append(channel, send)));
        for (const at of [0, time(1), time(size), time(size) + 1, time(count), time(count) + 1, 2 ** 45]) {
          const expected = Array.from({ length: count }, (_, i) => i + 1).filter((seq) => time(seq) < at);
          expect(await log.lastBefore(channel, at)).toBe(expected.at(-1) ?? 0);
        }
        expect(await log.lastBefore(freshChannel(), Date.now())).toBe(0);
      });
    });

    describe('finding where a log ends', () => {
      test('takes two calls for any number of channels', async () => {
        const channels = Array.from({ length: 30 }, freshChannel);
        const log = replica();
        await Promise.all(channels.map((channel, i) => fill(log, channel, i)));
        await log.close();
        const counting = new CountingStore(store);
        expect(await replica({ store: counting }).heads(channels)).toEqual(channels.map((_, i) => i));
        expect(counting.calls).toEqual({ tailHints: 1, states: 1 });
        expect(await log.heads([])).toEqual([]);
      });

      test.each([0, 1, 5, 8, 60, 200])('does not depend on the hint: %i', async (hint) => {
        const channel = freshChannel();
        const log = replica();
        await fill(log, channel, 5 * size + 3);
        await log.close();
        const hinting: LogStore<MessageEntry> = new FaultyStore(store, {}, Math.random);
        hinting.tailHints = async (channels) => channels.map(() => hint);
        expect(await replica({ store: hinting }).heads([channel])).toEqual([5 * size + 3]);
        const { row } = await replica({ store: hinting }).append(channel, messageSend('next'));
        expect(row.seq).toBe(5 * size + 4);
      });

      test('leaves a hint when a bucket is full', async () => {
        const [log, channel] = [replica(), freshChannel()];
        await fill(log, channel, size - 1);
        await log.close();
        expect(await store.tailHints([channel])).toEqual([null]);
        const next = replica();
        await fill(next, channel, 1);
        await next.close();
        expect(await store.tailHints([channel])).toEqual([1]);
      });
    });

    test('an append to an open channel is one call, also after another replica’s append was observed', async () => {
      const channel = freshChannel();
      const counting = new CountingStore(store);
      const [a, b] = [replica({ store: counting }), replica()];
      await a.append(channel, messageSend('one'));
      const { row } = await b.append(channel, messageSend('two'));
      a.observe(channel, row);
      counting.calls = {};
      expect((await a.append(channel, messageSend('three'))).row.seq).toBe(3);
      expect(counting.calls).toEqual({ append: 1 });
    });

    test('what was observed wrongly makes no gap', async () => {
      const channel = freshChannel();
      const log = replica();
      const { row } = await log.append(channel, messageSend('one'));
      for (let seq = 2; seq <= size + 3; seq++) log.observe(channel, { ...row, seq });
      expect((await log.append(channel, messageSend('two'))).row.seq).toBe(2);
      await fill(log, channel, size - 3);
      log.observe(channel, { ...row, seq: size });
      expect((await log.append(channel, messageSend('last'))).row.seq).toBe(size);
      expect((await log.append(channel, messageSend('next'))).row.seq).toBe(size + 1);
      expect((await everything(channel)).map(({ seq }) => seq)).toEqual(
        Array.from({ length: size + 1 }, (_, i) => i + 1),
      );
    });

    test.each([
      ['was applied', { unheard: 1 }],
      ['was not applied', { lost: 1 }],
      ['is applied later', { late: 1, latencyMs: 4 }],
    ])('an append of unknown outcome that %s is answered once it is saved', async (_, faults) => {
      const channel = freshChannel();
      const told: LogRow<MessageEntry>[] = [];
      const faulty = new FaultyStore(store, {}, Math.random);
      const log = replica({ store: faulty, onAppended: (_channel, rows) => told.push(...rows) });
      await log.append(channel, messageSend('opens the channel'));
      faulty.faults = { ...faulty.faults, ...faults };
      const answers = Promise.all([
        log.append(channel, messageSend('unsure')),
        log.append(channel, messageSend('unsure too')),
      ]);
      setTimeout(() => {
        faulty.faults = { ...faulty.faults, unheard: 0, lost: 0, late: 0 };
      }, 30);
      expect((await answers).map(({ row, isDuplicate }) => [row.seq, isDuplicate])).toEqual([
        [2, false],
        [3, false],
      ]);
      await faulty.settled();
      expect(await everything(channel)).toHaveLength(3);
      expect(told).toEqual(await everything(channel));
    });

    test('keeps its promises with three replicas on a store that fails in every way', async () => {
      expect(
        await simulate({
          createLog,
          store,
          seed: 1,
          replicas: 3,
          writers: 8,
          sendsPerWriter: 12,
          doubled: 0.5,
          faults: { refused: 0.03, lost: 0.05, unheard: 0.05, late: 0.05, wrongHint: 0.3, latencyMs: 3 },
        }),
      ).toEqual([]);
    });

    test('keeps its promises with two connections and no faults but collisions', async () => {
      const other = await open();
      try {
        const stores = [store, other.messages];
        let next = 0;
        // Each replica has a connection of its own.
        const create: typeof createLog = (options) => createLog({ ...options });
        expect(
          await simulate({
            createLog: create,
            store: alternating(stores, () => next++),
            seed: 2,
            replicas: 2,
            writers: 10,
            sendsPerWriter: 10,
            doubled: 0.8,
            faults: {},
            sendMs: 10_000,
          }),
        ).toEqual([]);
      } finally {
        await other.close();
      }
    });
  });
}

/** Each call goes to the next connection: none may rely on having written something itself. */
function alternating(stores: readonly LogStore<MessageEntry>[], next: () => number): LogStore<MessageEntry> {
  const one = (): LogStore<MessageEntry> => {
    const store = stores[next() % stores.length];
    if (store === undefined) throw new Error('at least one store');
    return store;
  };
  return {
    bucketSize: one().bucketSize,
    append: (batch) => one().append(batch),
    seal: (channel, head, to) => one().seal(channel, head, to),
    consult: (ref, keys) => one().consult(ref, keys),
    states: (refs) => one().states(refs),
    tailHints: (channels) => one().tailHints(channels),
    hintTail: (ref) => one().hintTail(ref),
    range: (channel, from, to) => one().range(channel, from, to),
    rows: (refs) => one().rows(refs),
  };
}
