/** What happens to calls when the worker is slow, stuck or gone. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../chat/clock.ts';
import { createLog } from '../../chat/log/create-log.ts';
import { freshChannel, messageRow } from '../../chat/log/log-store.contract.ts';
import { OutcomeUnknown, StoreUnreachable } from '../../chat/log/port.ts';
import { messageSend } from '../../chat/log/testing/sends.ts';
import { silentLogger } from '../../chat/logger.ts';
import { openSqliteLogs, type SqliteLogs } from './open.ts';
import { WorkerClient } from './worker-client.ts';

const scratch = mkdtempSync(join(tmpdir(), 'backscroll-sqlite-worker-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const opened: SqliteLogs[] = [];
afterEach(async () => {
  vi.restoreAllMocks();
  await Promise.all(opened.splice(0).map((logs) => logs.close()));
});

const open = async (deadlineMs?: number) => {
  const dataDir = mkdtempSync(join(scratch, 'data-'));
  const logs = await openSqliteLogs({
    dataDir,
    bucketSize: 8,
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
  });
  opened.push(logs);
  /** Another process that writes, and takes its time. */
  const lock = () => {
    const other = new DatabaseSync(join(dataDir, 'messages.sqlite'));
    other.exec('BEGIN IMMEDIATE');
    return () => {
      other.exec('ROLLBACK');
      other.close();
    };
  };
  return { logs, store: logs.messages, lock };
};
const first = () => ({ channel: freshChannel(), bucket: 0, expectedLast: null, rows: [messageRow(1)] });

describe('a store that is locked', () => {
  test('says of an append that it certainly did nothing, once it gave up by itself', async () => {
    const { store, lock } = await open();
    const unlock = lock();
    const batch = first();
    await expect(store.append(batch)).rejects.toBeInstanceOf(StoreUnreachable);
    unlock();
    expect(await store.range(batch.channel, 1, 1)).toEqual([]);
    expect(await store.append(batch)).toEqual({ applied: true });
  });

  test('says that an append’s outcome is unknown when its deadline passed on the way; what waited did nothing', async () => {
    const { store, lock } = await open(150);
    const unlock = lock();
    const under = first();
    const unknown = expect(store.append(under)).rejects.toBeInstanceOf(OutcomeUnknown);
    await sleep(20);
    const waiting = first();
    await Promise.all([unknown, expect(store.append(waiting)).rejects.toBeInstanceOf(StoreUnreachable)]);
    unlock();
    // The one under way may be applied still, and a question asked after it knows: it waits its turn.
    const [row] = under.rows;
    const answer = await vi.waitFor(() => store.consult(under, [row?.sendKey ?? '']), { timeout: 5_000 });
    expect(answer.state?.last).toBe(1);
    expect(await store.range(waiting.channel, 1, 1)).toEqual([]);
  });

  test('lets a log wait for it, and saves each send once', async () => {
    const { store, lock } = await open(150);
    const log = createLog({ store, clock: systemClock, logger: silentLogger, onAppended: () => undefined });
    const channel = freshChannel();
    await log.append(channel, messageSend('before'));
    const unlock = lock();
    const answers = Promise.all(
      Array.from({ length: 20 }, (_, i) => log.append(channel, messageSend(`${i}`))),
    );
    setTimeout(unlock, 600);
    expect(new Set((await answers).map(({ row }) => row.seq)).size).toBe(20);
    expect(await log.heads([channel])).toEqual([21]);
    await log.close();
  });

  test('refuses calls beyond a bound', async () => {
    const { store, lock } = await open(500);
    const unlock = lock();
    const calls = Array.from({ length: 10_100 }, () => store.append(first()));
    const outcomes = await Promise.allSettled(calls);
    const refused = outcomes.filter(
      ({ status, ...rest }) =>
        status === 'rejected' && 'reason' in rest && String(rest.reason).includes('too many calls'),
    );
    expect(refused.length).toBe(100);
    unlock();
  }, 60_000);
});

describe('a worker that ends', () => {
  /** Ends the worker the next time it is spoken to. */
  const endNext = () => {
    const post = Worker.prototype.postMessage;
    const spy = vi.spyOn(Worker.prototype, 'postMessage').mockImplementation(function (
      this: Worker,
      message,
    ) {
      spy.mockRestore();
      post.call(this, message);
      void this.terminate();
    });
  };

  test('leaves the outcome of what it had unknown, and is replaced', async () => {
    const { store } = await open();
    endNext();
    const batch = first();
    await expect(store.append(batch)).rejects.toBeInstanceOf(OutcomeUnknown);
    const again = await store.append(batch);
    // Applied by the one or the other, and never by both.
    if (!again.applied) expect(again.sends.get(batch.rows[0]?.sendKey ?? '')).toBe(1);
    expect(await store.range(batch.channel, 1, 10)).toEqual(batch.rows);
  });

  test('costs a log nothing but time', async () => {
    const { store } = await open();
    const log = createLog({ store, clock: systemClock, logger: silentLogger, onAppended: () => undefined });
    const channel = freshChannel();
    for (let i = 1; i <= 10; i++) {
      if (i % 3 === 0) endNext();
      expect((await log.append(channel, messageSend(`${i}`))).row.seq).toBe(i);
    }
    await log.close();
  });
});

test('closing lets what was called before finish', async () => {
  const dataDir = mkdtempSync(join(scratch, 'closing-'));
  const logs = await openSqliteLogs({ dataDir, bucketSize: 8 });
  const batches = Array.from({ length: 600 }, first);
  const appends = batches.map((batch) => logs.messages.append(batch));
  await Promise.all([logs.close(), logs.close()]);
  expect(await Promise.all(appends)).toEqual(batches.map(() => ({ applied: true })));
});

describe('closing does not wait for ever', () => {
  const openAlone = async (deadlineMs: number) => {
    const dataDir = mkdtempSync(join(scratch, 'stuck-'));
    return openSqliteLogs({ dataDir, bucketSize: 8, deadlineMs });
  };

  test('for a thread that never answers: it is ended', async () => {
    const logs = await openAlone(100);
    const terminate = vi.spyOn(Worker.prototype, 'terminate');
    // As a thread that hangs in its work: nothing that is sent is read.
    vi.spyOn(Worker.prototype, 'postMessage').mockImplementation(() => undefined);
    const under = expect(logs.messages.append(first())).rejects.toBeInstanceOf(OutcomeUnknown);
    await sleep(0);
    const waiting = expect(logs.messages.append(first())).rejects.toBeInstanceOf(StoreUnreachable);
    await logs.close();
    await Promise.all([under, waiting]);
    expect(terminate.mock.contexts).toMatchObject([{ threadId: -1 }]);
  });

  test('for a thread that cannot even be ended, as the disk holds it', async () => {
    const logs = await openAlone(100);
    const held: Worker[] = [];
    vi.spyOn(Worker.prototype, 'postMessage').mockImplementation(() => undefined);
    vi.spyOn(Worker.prototype, 'terminate').mockImplementation(function (this: Worker) {
      held.push(this);
      return new Promise(() => undefined);
    });
    const under = expect(logs.messages.append(first())).rejects.toBeInstanceOf(OutcomeUnknown);
    await sleep(0);
    await logs.close();
    await under;
    vi.restoreAllMocks();
    expect(held).toHaveLength(1);
    await Promise.all(held.map((worker) => worker.terminate()));
  });

  test('for a thread that is still opening a locked file', async () => {
    const file = join(mkdtempSync(join(scratch, 'opening-')), 'messages.sqlite');
    const other = new DatabaseSync(file);
    other.exec('BEGIN EXCLUSIVE');
    const terminate = vi.spyOn(Worker.prototype, 'terminate');
    const client = new WorkerClient({ file, bucketSize: 8 }, 100);
    const opening = expect(client.open()).rejects.toThrow();
    await client.close();
    other.exec('ROLLBACK');
    other.close();
    await opening;
    expect(terminate).toHaveBeenCalledTimes(1);
  });
});

test('closing while a thread is opening closes that thread too', async () => {
  const dataDir = mkdtempSync(join(scratch, 'early-'));
  const client = new WorkerClient({ file: join(dataDir, 'messages.sqlite'), bucketSize: 8 }, 5_000);
  const opening = client.open();
  await client.close();
  await opening;
  // SQLite removes its log beside the file when the last connection is closed.
  expect(readdirSync(dataDir)).toEqual(['messages.sqlite']);
});
