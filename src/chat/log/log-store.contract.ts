/**
 * What every LogStore adapter must do, run by each adapter's test with one line. Each test uses channels of its
 * own, so one store serves the whole suite and may hold anything else.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ChangeEntry, MessageEntry } from './entries.ts';
import {
  type AppendBatch,
  type AppendOutcome,
  bucketOf,
  type ChannelKey,
  type LogRow,
  type LogStore,
  lastOfBucket,
  OutcomeUnknown,
  StoreUnreachable,
} from './port.ts';

/** Both logs of one connection to a store. */
export interface OpenedLogs {
  readonly messages: LogStore<MessageEntry>;
  readonly changes: LogStore<ChangeEntry>;
  close(): Promise<void>;
}

/** A channel that nobody else uses. */
export const freshChannel = (): ChannelKey => ({ organizationId: randomUUID(), channelId: randomUUID() });

/** A row as an appender would make it: number, time and key differ from every other number's. */
export function messageRow(seq: number, overrides: Partial<LogRow<MessageEntry>> = {}): LogRow<MessageEntry> {
  const authorId = randomUUID();
  const clientMessageId = randomUUID();
  return {
    seq,
    at: 1_750_000_000_000 + seq,
    sendKey: `${authorId}/${clientMessageId}`,
    entry: { authorId, clientMessageId, text: `message ${seq}`, metadata: null, mentions: [] },
    ...overrides,
  };
}

/**
 * The outcome of what many try at once. Where the store does not say it, it is asked again under the same conditions:
 * a first try that was applied is then refused because of itself.
 */
async function certain(
  attempt: () => Promise<AppendOutcome>,
): Promise<AppendOutcome & { readonly wasUnknown: boolean }> {
  for (let tries = 1; ; tries++) {
    try {
      return { ...(await attempt()), wasUnknown: tries > 1 };
    } catch (error) {
      if (!(error instanceof OutcomeUnknown) || tries === 20) throw error;
      await sleep(Math.random() * 20 * tries);
    }
  }
}

/**
 * @param open opens another connection to the same data at each call; its logs have a bucket size of 8 to 64.
 */
export function logStoreContract(name: string, open: () => Promise<OpenedLogs>): void {
  describe(`${name} keeps the log port's contract`, () => {
    let logs: OpenedLogs;
    let store: LogStore<MessageEntry>;
    let size: number;

    beforeAll(async () => {
      logs = await open();
      store = logs.messages;
      size = store.bucketSize;
      expect(size).toBeGreaterThanOrEqual(8);
      expect(size).toBeLessThanOrEqual(64);
    });
    afterAll(() => logs.close());

    /** A batch as it should be: expects what rows 1..first-1 left behind. */
    const batch = (channel: ChannelKey, rows: readonly LogRow<MessageEntry>[]): AppendBatch<MessageEntry> => {
      const first = rows[0]?.seq ?? 1;
      const bucket = bucketOf(first, size);
      return {
        channel,
        bucket,
        expectedLast: bucketOf(first - 1, size) === bucket && first > 1 ? first - 1 : null,
        rows,
      };
    };

    /** Appends rows `from`..`to` bucket by bucket and gives them back. */
    const fill = async (channel: ChannelKey, from: number, to: number) => {
      const rows = Array.from({ length: to - from + 1 }, (_, i) => messageRow(from + i));
      for (let i = 0; i < rows.length; ) {
        const bucket = bucketOf(from + i, size);
        const part = rows.slice(i, lastOfBucket(bucket, size) - from + 1);
        expect(await store.append(batch(channel, part))).toEqual({ applied: true });
        i += part.length;
      }
      return rows;
    };

    describe('an empty log', () => {
      test('has no state, no sends, no hint and no rows', async () => {
        const channel = freshChannel();
        expect(await store.states([{ channel, bucket: 0 }])).toEqual([null]);
        expect(await store.consult({ channel, bucket: 0 }, ['a/b'])).toEqual({
          state: null,
          sends: new Map(),
        });
        expect(await store.tailHints([channel])).toEqual([null]);
        expect(await store.range(channel, 1, 100)).toEqual([]);
        expect(await store.rows([{ channel, seq: 1 }])).toEqual([null]);
      });

      test('asked for nothing answers with nothing', async () => {
        expect(await store.states([])).toEqual([]);
        expect(await store.rows([])).toEqual([]);
        expect(await store.tailHints([])).toEqual([]);
      });
    });

    describe('append', () => {
      test('writes the rows, the sends and the state in one step', async () => {
        const channel = freshChannel();
        const rows = [messageRow(1), messageRow(2), messageRow(3)];
        expect(await store.append(batch(channel, rows))).toEqual({ applied: true });

        expect(await store.range(channel, 1, 10)).toEqual(rows);
        const keys = rows.map((row) => row.sendKey);
        expect(await store.consult({ channel, bucket: 0 }, [...keys, 'nobody/nothing'])).toEqual({
          state: { last: 3, lastAt: rows[2]?.at },
          sends: new Map(keys.map((key, i) => [key, i + 1])),
        });
      });

      test('goes on from the expected number, and begins a bucket that has none', async () => {
        const channel = freshChannel();
        const rows = await fill(channel, 1, size + 2);
        expect(await store.range(channel, 1, size + 2)).toEqual(rows);
        expect(
          await store.states([
            { channel, bucket: 0 },
            { channel, bucket: 1 },
            { channel, bucket: 2 },
          ]),
        ).toEqual([
          { last: size, lastAt: rows[size - 1]?.at },
          { last: size + 2, lastAt: rows[size + 1]?.at },
          null,
        ]);
      });

      test('takes a full bucket in one batch', async () => {
        const channel = freshChannel();
        const rows = Array.from({ length: size }, (_, i) => messageRow(i + 1));
        expect(await store.append(batch(channel, rows))).toEqual({ applied: true });
        expect(await store.range(channel, 1, size)).toEqual(rows);
      });

      test('with a number that is not the last writes nothing and says what is', async () => {
        const channel = freshChannel();
        const rows = await fill(channel, 1, 3);
        const late = messageRow(2);
        expect(
          await store.append({ channel, bucket: 0, expectedLast: 1, rows: [late, messageRow(3)] }),
        ).toEqual({ applied: false, state: { last: 3, lastAt: rows[2]?.at }, sends: new Map() });
        expect(await store.range(channel, 1, 10)).toEqual(rows);
        expect((await store.consult({ channel, bucket: 0 }, [late.sendKey])).sends.size).toBe(0);
      });

      test('that would begin a bucket which has begun writes nothing', async () => {
        const channel = freshChannel();
        const rows = await fill(channel, 1, 1);
        const outcome = await store.append({ channel, bucket: 0, expectedLast: null, rows: [messageRow(1)] });
        expect(outcome).toEqual({
          applied: false,
          state: { last: 1, lastAt: rows[0]?.at },
          sends: new Map(),
        });
        expect(await store.range(channel, 1, 10)).toEqual(rows);
      });

      test('that expects a number of an empty bucket writes nothing and finds nothing', async () => {
        const channel = freshChannel();
        const outcome = await store.append({ channel, bucket: 0, expectedLast: 2, rows: [messageRow(3)] });
        expect(outcome).toEqual({ applied: false, state: null, sends: new Map() });
        expect(await store.range(channel, 1, 10)).toEqual([]);
        expect(await store.states([{ channel, bucket: 0 }])).toEqual([null]);
      });

      test('with a key that the bucket holds writes none of its rows and names every such key', async () => {
        const channel = freshChannel();
        const rows = await fill(channel, 1, 2);
        const [first, second] = rows;
        if (first === undefined || second === undefined) throw new Error('two rows were made');
        const fresh = messageRow(4);
        const outcome = await store.append(
          batch(channel, [{ ...first, seq: 3 }, fresh, { ...second, seq: 5 }]),
        );
        expect(outcome).toEqual({
          applied: false,
          state: { last: 2, lastAt: rows[1]?.at },
          sends: new Map([
            [first.sendKey, 1],
            [second.sendKey, 2],
          ]),
        });
        expect(await store.range(channel, 1, 10)).toEqual(rows);
        expect((await store.consult({ channel, bucket: 0 }, [fresh.sendKey])).sends.size).toBe(0);
      });

      test('with a wrong number and a key that the bucket holds says both', async () => {
        const channel = freshChannel();
        const rows = await fill(channel, 1, 3);
        const [, second] = rows;
        if (second === undefined) throw new Error('three rows were made');
        const outcome = await store.append({
          channel,
          bucket: 0,
          expectedLast: 1,
          rows: [second, messageRow(3)],
        });
        expect(outcome).toEqual({
          applied: false,
          state: { last: 3, lastAt: rows[2]?.at },
          sends: new Map([[second.sendKey, 2]]),
        });
      });

      test('knows sends within their bucket only: further back is the appender’s matter', async () => {
        const channel = freshChannel();
        const [first] = await fill(channel, 1, size);
        if (first === undefined) throw new Error('a bucket of rows was made');
        expect(await store.append(batch(channel, [{ ...first, seq: size + 1 }]))).toEqual({ applied: true });
      });

      test('of many at once for one number applies one', async () => {
        const channel = freshChannel();
        const rows = Array.from({ length: 20 }, () => messageRow(1));
        const outcomes = await Promise.all(
          rows.map((row) => certain(() => store.append(batch(channel, [row])))),
        );
        const winners = rows.filter(({ sendKey }, i) => {
          const outcome = outcomes[i];
          return outcome?.applied === true || outcome?.sends.get(sendKey) === 1;
        });
        expect(winners).toHaveLength(1);
        expect(await store.range(channel, 1, 10)).toEqual(winners);
      });

      test('of one key at once over two connections gives it one number', async () => {
        const other = await open();
        try {
          const channel = freshChannel();
          const row = messageRow(1);
          const outcomes = await Promise.all(
            [store, other.messages, store, other.messages].map((s) =>
              certain(() => s.append(batch(channel, [row]))),
            ),
          );
          const isSure = outcomes.every((outcome) => !outcome.wasUnknown);
          const applied = outcomes.filter((outcome) => outcome.applied).length;
          expect(applied).toBeLessThanOrEqual(1);
          if (isSure) expect(applied).toBe(1);
          expect(await store.range(channel, 1, 10)).toEqual([row]);
          for (const outcome of outcomes) {
            if (!outcome.applied) expect(outcome.sends).toEqual(new Map([[row.sendKey, 1]]));
          }
        } finally {
          await other.close();
        }
      });

      test('keeps its neighbours out of a batch that does not apply', async () => {
        // Many channels at once: adapters group them, and one refusal must not touch the others.
        const channels = Array.from({ length: 12 }, freshChannel);
        const outcomes = await Promise.all(
          channels.map((channel, i) =>
            i % 3 === 0
              ? store.append({ channel, bucket: 0, expectedLast: 7, rows: [messageRow(8)] })
              : store.append(batch(channel, [messageRow(1)])),
          ),
        );
        expect(outcomes.map((outcome) => outcome.applied)).toEqual(channels.map((_, i) => i % 3 !== 0));
        const heads = await store.states(channels.map((channel) => ({ channel, bucket: 0 })));
        expect(heads.map((state) => state?.last ?? 0)).toEqual(channels.map((_, i) => (i % 3 === 0 ? 0 : 1)));
      });
    });

    describe('reads', () => {
      test('range crosses buckets, ascending, both ends included, and stops where the log does', async () => {
        const channel = freshChannel();
        const rows = await fill(channel, 1, size * 3 + 1);
        expect(await store.range(channel, size - 1, size * 2 + 2)).toEqual(
          rows.slice(size - 2, size * 2 + 2),
        );
        expect(await store.range(channel, size * 3, size * 9)).toEqual(rows.slice(size * 3 - 1));
        expect(await store.range(channel, 2, 2)).toEqual(rows.slice(1, 2));
        expect(await store.range(channel, 5, 4)).toEqual([]);
      });

      test('range gives 1,000 rows', async () => {
        const channel = freshChannel();
        const rows = await fill(channel, 1, 1_000);
        expect(await store.range(channel, 1, 1_000)).toEqual(rows);
      });

      test('rows gives each number of any channel where it was asked for, and null for what is not there', async () => {
        const [a, b] = [freshChannel(), freshChannel()];
        const [ofA, ofB] = [await fill(a, 1, size + 1), await fill(b, 1, 2)];
        expect(
          await store.rows([
            { channel: b, seq: 2 },
            { channel: a, seq: size + 1 },
            { channel: b, seq: 3 },
            { channel: a, seq: 1 },
            { channel: b, seq: 2 },
            { channel: freshChannel(), seq: 1 },
          ]),
        ).toEqual([ofB[1], ofA[size], null, ofA[0], ofB[1], null]);
      });

      test('states gives 250 buckets of many channels in the order asked', async () => {
        const channels = Array.from({ length: 5 }, freshChannel);
        await Promise.all(channels.map((channel, i) => fill(channel, 1, i + 1)));
        const refs = Array.from({ length: 250 }, (_, i) => ({
          channel: channels[i % 5] ?? freshChannel(),
          bucket: i < 200 ? 0 : 1,
        }));
        const states = await store.states(refs);
        expect(states.map((state) => state?.last ?? null)).toEqual(
          refs.map((ref, i) => (ref.bucket === 0 ? (i % 5) + 1 : null)),
        );
      });

      test('see what another connection was told is saved', async () => {
        const other = await open();
        try {
          const channel = freshChannel();
          for (let seq = 1; seq <= 2 * size; seq++) {
            const row = messageRow(seq);
            await store.append(batch(channel, [row]));
            const bucket = bucketOf(seq, size);
            expect((await other.messages.states([{ channel, bucket }]))[0]?.last).toBe(seq);
            expect(await other.messages.range(channel, seq, seq)).toEqual([row]);
            expect((await other.messages.consult({ channel, bucket }, [row.sendKey])).sends).toEqual(
              new Map([[row.sendKey, seq]]),
            );
          }
        } finally {
          await other.close();
        }
      });

      test('of a bucket’s state asked with no keys gives just the state', async () => {
        const channel = freshChannel();
        const rows = await fill(channel, 1, 2);
        expect(await store.consult({ channel, bucket: 0 }, [])).toEqual({
          state: { last: 2, lastAt: rows[1]?.at },
          sends: new Map(),
        });
      });
    });

    describe('sealing', () => {
      /** Sealed where it began, in the middle of a bucket, at its end, and behind it. */
      const heads = () => [0, 1, size - 1, size, size + 1, 2 * size];

      test('ends the log for good: a late append is refused, and its answer names the cell', async () => {
        for (const head of heads()) {
          const channel = freshChannel();
          const rows = await fill(channel, 1, head);
          const bucket = bucketOf(head + 1, size);
          const within = head % size === 0 ? null : head;
          expect(await store.seal(channel, head, 'north')).toEqual({ applied: true });

          const sealed = { last: -1, sealed: { at: head, to: 'north' } };
          for (const expectedLast of [within, null, head]) {
            const late = { channel, bucket, expectedLast, rows: [messageRow(head + 1)] };
            expect(await store.append(late)).toMatchObject({
              applied: false,
              state: sealed,
              sends: new Map(),
            });
          }
          expect(await store.states([{ channel, bucket }])).toMatchObject([sealed]);
          expect(await store.consult({ channel, bucket }, [])).toMatchObject({ state: sealed });
          expect(await store.range(channel, 1, head + 10)).toEqual(rows);
          // A second move does not undo the first.
          const again = await store.seal(channel, head, 'south');
          expect(again).toMatchObject({ applied: false, state: sealed });
          expect(await store.states([{ channel, bucket }])).toMatchObject([sealed]);
        }
      });

      test('keeps what the bucket knew of its sends', async () => {
        const channel = freshChannel();
        const rows = await fill(channel, 1, 2);
        await store.seal(channel, 2, 'north');
        const keys = rows.map((row) => row.sendKey);
        const answer = await store.consult({ channel, bucket: 0 }, keys);
        expect(answer.sends).toEqual(new Map(keys.map((key, i) => [key, i + 1])));
        expect(await store.append({ ...batch(channel, rows), expectedLast: 2 })).toMatchObject({
          applied: false,
          state: { last: -1 },
        });
      });

      test('at a number that is not the newest does nothing and says what is', async () => {
        const channel = freshChannel();
        const rows = await fill(channel, 1, size + 2);
        for (const head of [size + 1, size + 3]) {
          expect(await store.seal(channel, head, 'north')).toEqual({
            applied: false,
            state: { last: size + 2, lastAt: rows.at(-1)?.at },
            sends: new Map(),
          });
        }
        expect(await store.append(batch(channel, [messageRow(size + 3)]))).toEqual({ applied: true });
      });

      test('and an append at the same moment: one of them applies', async () => {
        for (let i = 0; i < 10; i++) {
          const channel = freshChannel();
          await fill(channel, 1, 1);
          const row = messageRow(2);
          const [sealing, appending] = await Promise.all([
            certain(() => store.seal(channel, 1, 'north')),
            certain(() => store.append(batch(channel, [row]))),
          ]);
          const isSealed = sealing.applied || sealing.state?.last === -1;
          const isAppended = appending.applied || appending.sends.has(row.sendKey);
          expect([isSealed, isAppended].sort()).toEqual([false, true]);
          expect(await store.range(channel, 1, 5)).toHaveLength(isAppended ? 2 : 1);
        }
      });

      test('is of one log of a channel, and of one channel', async () => {
        const channel = freshChannel();
        await store.seal(channel, 0, 'north');
        expect(await logs.changes.states([{ channel, bucket: 0 }])).toEqual([null]);
        expect(await store.states([{ channel: freshChannel(), bucket: 0 }])).toEqual([null]);
      });
    });

    describe('tail hints', () => {
      test('are given in the order asked and never move back', async () => {
        const [a, b] = [freshChannel(), freshChannel()];
        await store.hintTail({ channel: a, bucket: 3 });
        await store.hintTail({ channel: b, bucket: 1 });
        await store.hintTail({ channel: a, bucket: 2 });
        expect(await store.tailHints([b, freshChannel(), a, b])).toEqual([1, null, 3, 1]);
        await store.hintTail({ channel: a, bucket: 12 });
        expect(await store.tailHints([a])).toEqual([12]);
      });
    });

    describe('what is kept', () => {
      const roundTrip = async (entry: MessageEntry) => {
        const channel = freshChannel();
        const row = messageRow(1, { entry });
        await store.append(batch(channel, [row]));
        expect(await store.range(channel, 1, 1)).toEqual([row]);
        expect(await store.rows([{ channel, seq: 1 }])).toEqual([row]);
      };
      const entry = messageRow(1).entry;

      test.each([
        ['the longest text', '🚀'.repeat(8_000)],
        ['text of every plane', 'naïve — שלום \u202e العربية 漢字 👩‍👩‍👧‍👦 e\u0301'],
        ['control characters', 'a\u0000b\u0001\r\n\t\u2028"\'`\\'],
        ['what looks like statements', `'); DROP TABLE messages; --`],
      ])('%s', (_, text) => roundTrip({ ...entry, text }));

      test('metadata as it came', () =>
        roundTrip({
          ...entry,
          metadata: {
            z: 1,
            a: [null, true, 1.5, -2e300, 'x', { '': {} }],
            nested: { ключ: '值' },
            '10': 'ten',
          },
        }));

      test('empty metadata, which is not no metadata', () => roundTrip({ ...entry, metadata: {} }));

      test('16 KiB of metadata', () => roundTrip({ ...entry, metadata: { big: 'x'.repeat(16_300) } }));

      test('mentions', () =>
        roundTrip({
          ...entry,
          mentions: [
            { kind: 'USER', userId: randomUUID(), start: 0, length: 4 },
            { kind: 'HERE', start: 10, length: 5 },
          ],
        }));

      test('fields that a newer version wrote', async () => {
        // As a newer replica would hand them over: more fields than this version's types know.
        const newer = {
          ...entry,
          mentions: [{ kind: 'USER' as const, userId: randomUUID(), start: 0, length: 4, role: 'oncall' }],
          forwardedFrom: { channelId: randomUUID(), seq: 7 },
        };
        await roundTrip(newer);
      });

      test('any send key', async () => {
        const channel = freshChannel();
        const keys = [`it's/"one"`, 'ключ/值', '%_/\\', `${'k'.repeat(200)}/1`, '/'];
        const rows = keys.slice(0, size).map((sendKey, i) => messageRow(i + 1, { sendKey }));
        await store.append(batch(channel, rows));
        expect(await store.range(channel, 1, size)).toEqual(rows);
        expect(
          (
            await store.consult(
              { channel, bucket: 0 },
              rows.map((row) => row.sendKey),
            )
          ).sends,
        ).toEqual(new Map(rows.map((row) => [row.sendKey, row.seq])));
      });

      test('changes, in a log of their own', async () => {
        const channel = freshChannel();
        const change = (seq: number, entry: ChangeEntry): LogRow<ChangeEntry> => ({
          seq,
          at: 1_750_000_000_000 + seq,
          sendKey: randomUUID(),
          entry,
        });
        const newer = {
          kind: 'CHANNEL_UPDATED' as const,
          head: 12,
          actorId: 'a',
          userId: null,
          topic: 'new',
        };
        const changes = [
          change(1, { kind: 'MEMBER_JOINED', head: 0, actorId: randomUUID(), userId: randomUUID() }),
          change(2, { kind: 'MEMBER_LEFT', head: 2 ** 40, actorId: randomUUID(), userId: randomUUID() }),
          change(3, newer),
        ];
        const rows = await fill(channel, 1, 2);
        expect(await logs.changes.append({ channel, bucket: 0, expectedLast: null, rows: changes })).toEqual({
          applied: true,
        });
        await logs.changes.hintTail({ channel, bucket: 5 });

        expect(await logs.changes.range(channel, 1, 10)).toEqual(changes);
        expect(await store.range(channel, 1, 10)).toEqual(rows);
        expect(await store.tailHints([channel])).toEqual([null]);
        expect(
          (await logs.changes.consult({ channel, bucket: 0 }, [rows[0]?.sendKey ?? ''])).sends.size,
        ).toBe(0);
      });

      test('each organization’s own, though a channel’s id be the same', async () => {
        const ours = freshChannel();
        const theirs = { ...freshChannel(), channelId: ours.channelId };
        const [row] = await fill(ours, 1, 1);
        if (row === undefined) throw new Error('a row was made');
        await store.hintTail({ channel: ours, bucket: 1 });

        expect(await store.range(theirs, 1, 10)).toEqual([]);
        expect(await store.rows([{ channel: theirs, seq: 1 }])).toEqual([null]);
        expect(await store.states([{ channel: theirs, bucket: 0 }])).toEqual([null]);
        expect(await store.tailHints([theirs])).toEqual([null]);
        expect((await store.consult({ channel: theirs, bucket: 0 }, [row.sendKey])).sends.size).toBe(0);
        expect(await store.append(batch(theirs, [row]))).toEqual({ applied: true });
      });

      test('is there for the next process', async () => {
        const channel = freshChannel();
        const rows = await fill(channel, 1, size + 1);
        await store.hintTail({ channel, bucket: 1 });
        const next = await open();
        try {
          expect(await next.messages.range(channel, 1, 2 * size)).toEqual(rows);
          expect(await next.messages.tailHints([channel])).toEqual([1]);
        } finally {
          await next.close();
        }
      });
    });

    test('after close every method says that it did nothing', async () => {
      const closed = await open();
      await closed.close();
      const channel = freshChannel();
      const ref = { channel, bucket: 0 };
      const calls = [
        () => closed.messages.append(batch(channel, [messageRow(1)])),
        () => closed.messages.seal(channel, 0, 'north'),
        () => closed.messages.consult(ref, []),
        () => closed.messages.states([ref]),
        () => closed.messages.tailHints([channel]),
        () => closed.messages.hintTail(ref),
        () => closed.messages.range(channel, 1, 1),
        () => closed.messages.rows([{ channel, seq: 1 }]),
      ];
      for (const call of calls) await expect(call()).rejects.toBeInstanceOf(StoreUnreachable);
      expect(await store.range(channel, 1, 1)).toEqual([]);
    });
  });
}
