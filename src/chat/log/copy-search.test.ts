import { describe, expect, test } from 'vitest';
import { systemClock } from '../clock.ts';
import { silentLogger } from '../logger.ts';
import { appendLimits } from './append-limits.ts';
import { Backoff } from './backoff.ts';
import { CopySearch } from './copy-search.ts';
import type { MessageEntry } from './entries.ts';
import type { SearchBack } from './log.ts';
import { freshChannel, messageRow } from './log-store.contract.ts';
import { PendingSend } from './pending-send.ts';
import { bucketOf, StoreUnreachable } from './port.ts';
import { Position } from './position.ts';
import { MemoryStore } from './testing/memory-store.ts';
import { messageSend } from './testing/sends.ts';
import { WrittenKeys, WrittenKeysBound } from './written-keys.ts';

const noDeadlines = { add: () => undefined, delete: () => undefined };

const SIZE = 4;
const timeOf = (seq: number) => 1_750_000_000_000 + seq;

/** A log of some rows, one of which has the send's key, and a search in it. */
const setUp = async (options: { head: number; copyAt?: number; searchBack: SearchBack }) => {
  const store = new MemoryStore<MessageEntry>(SIZE);
  const channel = freshChannel();
  const pending = new PendingSend(
    messageSend('x', { searchBack: options.searchBack }),
    noDeadlines,
    () => undefined,
  );
  pending.answer.catch(() => undefined);
  const position = new Position(SIZE);
  for (let seq = 1; seq <= options.head; seq++) {
    const row = messageRow(seq, seq === options.copyAt ? { sendKey: pending.send.sendKey } : {});
    const { bucket, expectedLast } = position;
    await store.append({ channel, bucket, expectedLast, rows: [row] });
    position.moveTo(seq, row.at);
  }
  /** As of a channel that was just opened: only the last full bucket's end is known. */
  const opened = new Position(SIZE);
  opened.moveTo(options.head, timeOf(options.head));
  const lastFull = bucketOf(options.head + 1, SIZE) - 1;
  if (lastFull >= 0) opened.noteEnd(lastFull, timeOf((lastFull + 1) * SIZE));

  const consulted: number[] = [];
  const consult = store.consult.bind(store);
  store.consult = async (ref, keys) => {
    consulted.push(ref.bucket);
    return consult(ref, keys);
  };
  const found: number[] = [];
  let misled = 0;
  let done = Promise.withResolvers<void>();
  const writtenKeys = new WrittenKeysBound(1_000_000);
  const written = new WrittenKeys(SIZE, writtenKeys);
  const context = {
    store,
    clock: systemClock,
    logger: silentLogger,
    limits: appendLimits,
    writtenKeys,
    deadlines: noDeadlines,
    waitingBytes: 0,
    deciding: null,
    appointed: null,
    onAppended: () => undefined,
    onUncertain: () => undefined,
    hintTail: () => undefined,
  };
  const search = new CopySearch(
    { channel, context, outage: new Backoff(1, 2), written },
    {
      found: ({ seq }) => found.push(seq),
      misled: () => misled++,
      done: () => done.resolve(),
    },
  );
  const run = async () => {
    search.start(opened, [pending]);
    if (pending.isSearching) await done.promise;
    done = Promise.withResolvers();
  };
  return { store, pending, opened, written, consulted, found, misled: () => misled, run };
};

describe('a search for an earlier copy', () => {
  test('reads nothing for a send that knows the newest bucket', async () => {
    const { run, consulted, pending } = await setUp({ head: 22, searchBack: { basis: 21 } });
    await run();
    expect([consulted, pending.searched]).toEqual([[], 5]);
  });

  test('reads nothing for an id made after the newest bucket began', async () => {
    const { run, consulted, pending } = await setUp({ head: 22, searchBack: { since: timeOf(21) } });
    await run();
    expect([consulted, pending.searched]).toEqual([[], 5]);
  });

  test.each<[string, SearchBack, number[]]>([
    ['a basis', { basis: 9 }, [2, 3, 4]],
    ['a basis that fills a bucket', { basis: 8 }, [2, 3, 4]],
    ['a basis one less', { basis: 7 }, [1, 2, 3, 4]],
    ['a time', { since: timeOf(12) }, [2, 3, 4]],
    ['a time one later', { since: timeOf(13) }, [3, 4]],
    ['nothing', 'ONE_BUCKET', [4]],
    ['a basis beyond the head, which says nothing', { basis: 23 }, [4]],
  ])('goes as far back as %s says', async (_, searchBack, buckets) => {
    const { run, consulted, pending, found } = await setUp({ head: 22, searchBack });
    await run();
    expect([consulted, pending.searched, found]).toEqual([buckets, 5, []]);
  });

  test('finds the number of the copy, and looks no further', async () => {
    const { run, consulted, found } = await setUp({ head: 80, copyAt: 6, searchBack: { basis: 0 } });
    await run();
    expect(found).toEqual([6]);
    expect(Math.max(...consulted)).toBeLessThan(19);
  });

  test('goes on where it was when more buckets have been filled meanwhile', async () => {
    const { run, consulted, pending, found } = await setUp({
      head: 24,
      copyAt: 17,
      searchBack: 'ONE_BUCKET',
    });
    pending.searched = 3;
    await run();
    expect([consulted, found]).toEqual([[3, 4, 5], [17]]);
  });

  test('keeps what it has covered when the store fails in the middle', async () => {
    const { run, store, consulted, pending, found } = await setUp({
      head: 40,
      copyAt: 38,
      searchBack: { basis: 0 },
    });
    const consult = store.consult.bind(store);
    let failures = 1;
    store.consult = async (ref, keys) => {
      if (ref.bucket === 5 && failures-- > 0) throw new StoreUnreachable('refused');
      return consult(ref, keys);
    };
    await run();
    expect([pending.searched, pending.isSearching, found]).toEqual([5, false, []]);
    consulted.length = 0;
    await run();
    expect(consulted[0]).toBe(5);
    expect(found).toEqual([38]);
  });

  test('proves nothing in a bucket that is not full', async () => {
    const { run, opened, pending, misled } = await setUp({ head: 10, searchBack: { basis: 0 } });
    // As if the log had been cut short since this replica looked.
    opened.moveTo(18, timeOf(18));
    await run();
    expect([misled(), pending.searched]).toEqual([1, 2]);
  });

  test('reads no bucket of which it knows that the send is not in it', async () => {
    const { run, written, consulted, pending, found } = await setUp({
      head: 22,
      copyAt: 14,
      searchBack: { basis: 0 },
    });
    // All of buckets 0 and 1; of bucket 2 a part; all of bucket 3, which has the copy, as the send's own key.
    const wrote = (bucket: number, keys: readonly string[]) =>
      written.wrote(
        bucket,
        keys.map((sendKey, i) => ({ ...messageRow(bucket * SIZE + 1 + i), sendKey })),
      );
    wrote(0, ['a', 'b', 'c', 'd']);
    wrote(1, ['e', 'f', 'g', 'h']);
    wrote(2, ['i', 'j', 'k']);
    wrote(3, ['l', pending.send.sendKey, 'm', 'n']);
    await run();
    expect([consulted, found]).toEqual([[2, 3, 4], [14]]);
  });

  test('of a send that can be in none of what was written from here reads nothing', async () => {
    const { run, written, consulted, pending } = await setUp({ head: 9, searchBack: { basis: 0 } });
    for (const bucket of [0, 1]) {
      const rows = Array.from({ length: SIZE }, (_, i) => messageRow(bucket * SIZE + 1 + i));
      written.wrote(bucket, rows);
    }
    await run();
    expect([consulted, pending.searched]).toEqual([[], 2]);
  });

  test('that would reach too far is refused, unless the id is young', async () => {
    const far = { head: 70 * SIZE + 2 };
    const old = await setUp({ ...far, searchBack: { since: 0 } });
    await old.run();
    await expect(old.pending.answer).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(old.consulted).toEqual([]);

    const known = await setUp({ ...far, searchBack: { basis: 5 * SIZE } });
    const rows = Array.from({ length: SIZE }, (_, i) => messageRow(5 * SIZE + 1 + i));
    known.written.wrote(5, rows);
    await known.run();
    await expect(known.pending.answer).rejects.toMatchObject({ code: 'CONFLICT' });

    const basis = await setUp({ ...far, searchBack: { basis: 5 * SIZE } });
    await basis.run();
    await expect(basis.pending.answer).rejects.toMatchObject({ code: 'CONFLICT' });

    const near = await setUp({ ...far, searchBack: { basis: 6 * SIZE } });
    await near.run();
    expect([near.consulted.length, near.pending.searched]).toEqual([64, 70]);
  });
});
