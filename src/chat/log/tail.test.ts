import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { freshChannel } from './log-store.contract.ts';
import { bucketOf, type LogStore, lastOfBucket } from './port.ts';
import { findTailFrom, findTails } from './tail.ts';
import { MemoryStore } from './testing/memory-store.ts';

/** A store of logs that end where they are told to, however far: nothing is kept but the ends. */
function endingAt(heads: readonly number[], hints: readonly (number | null)[], bucketSize: number) {
  const channels = heads.map(freshChannel);
  const memory: LogStore<unknown> = new MemoryStore(bucketSize);
  let calls = 0;
  memory.tailHints = async (asked) => asked.map((channel) => hints[channels.indexOf(channel)] ?? null);
  memory.states = async (refs) => {
    calls++;
    return refs.map(({ channel, bucket }) => {
      const head = heads[channels.indexOf(channel)] ?? 0;
      if (head <= bucket * bucketSize) return null;
      const last = Math.min(head, lastOfBucket(bucket, bucketSize));
      return { last, lastAt: last * 10 };
    });
  };
  return { store: memory, channels, calls: () => calls };
}

describe('the end of a log', () => {
  test('is found wherever it is and whatever the hint says', async () => {
    const log = fc.record({
      head: fc.oneof(fc.nat(60), fc.nat(3_000), fc.nat(50_000_000)),
      hint: fc.option(fc.oneof(fc.nat(20), fc.nat(1_000), fc.nat(20_000_000))),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(log, { minLength: 1, maxLength: 5 }),
        fc.constantFrom(1, 4, 8, 4_096),
        async (logs, size) => {
          const heads = logs.map(({ head }) => head);
          const { store, channels } = endingAt(
            heads,
            logs.map(({ hint }) => hint),
            size,
          );
          const tails = await findTails(store, channels);
          expect(tails.map(({ head }) => head)).toEqual(heads);
          expect(tails.map(({ bucket }) => bucket)).toEqual(heads.map((head) => bucketOf(head + 1, size)));
          expect(tails.map(({ lastAt }) => lastAt)).toEqual(heads.map((head) => head * 10));
          expect(tails.map(({ previousEndedAt }) => previousEndedAt)).toEqual(
            heads.map((head) => (head < size ? null : bucketOf(head + 1, size) * size * 10)),
          );
        },
      ),
    );
  });

  test.each([
    ['a true hint', 40_000 * 4_096 + 7, 40_000, 1],
    ['a hint one bucket behind', 40_001 * 4_096 + 7, 40_000, 2],
    ['a true hint to a bucket with nothing in it yet', 40_000 * 4_096, 40_000, 1],
    ['no hint, in the first bucket', 7, null, 1],
    ['no hint, ten million messages on', 10_000_000, null, 5],
    ['a hint far ahead', 7 * 4_096, 1_000_000, 7],
  ])('takes few calls with %s', async (_, head, hint, most) => {
    const { store, channels, calls } = endingAt([head], [hint], 4_096);
    expect((await findTails(store, channels))[0]?.head).toBe(head);
    expect(calls()).toBeLessThanOrEqual(most);
  });

  test('takes no more calls for two hundred channels than for the furthest of them', async () => {
    const heads = Array.from({ length: 200 }, (_, i) => i * 1_000);
    const hints = heads.map((head) => bucketOf(head + 1, 4_096));
    const { store, channels, calls } = endingAt(heads, hints, 4_096);
    expect((await findTails(store, channels)).map(({ head }) => head)).toEqual(heads);
    expect(calls()).toBe(1);
  });

  test('is found while others append, though one call read a bucket before and the next one after', async () => {
    const channel = freshChannel();
    const store: LogStore<unknown> = new MemoryStore(4);
    const stateAt = (head: number, bucket: number) =>
      head <= bucket * 4 ? null : { last: Math.min(head, lastOfBucket(bucket, 4)), lastAt: head };
    let isFirst = true;
    store.tailHints = async () => [5];
    store.states = async (refs) => {
      // Bucket 4 is read while it fills up, bucket 5 when it has filled up too.
      const states = refs.map(({ bucket }) => stateAt(isFirst && bucket === 4 ? 18 : 26, bucket));
      isFirst = false;
      return states;
    };
    expect(await findTails(store, [channel])).toMatchObject([{ head: 26, bucket: 6 }]);
  });

  test('is found from a bucket that is known to be full', async () => {
    const { store, channels, calls } = endingAt([4_096 * 7 + 3], [null], 4_096);
    const [channel] = channels;
    if (channel === undefined) throw new Error('one channel was made');
    expect(await findTailFrom(store, channel, 6, 123)).toMatchObject({
      head: 4_096 * 7 + 3,
      bucket: 7,
      previousEndedAt: 123,
    });
    expect(calls()).toBe(1);
  });
});
