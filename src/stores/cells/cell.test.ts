import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { BatchRefused, OutcomeUnknown, StoreUnreachable } from '../../chat/log/port.ts';
import { MemoryStore } from '../../chat/log/testing/memory-store.ts';
import { silentLogger } from '../../chat/logger.ts';
import { Cell, type CellLogs } from './cell.ts';
import { CellDirectory } from './directory.ts';
import { cellsProjectionStore } from './projection-store.ts';
import { Routes } from './routes.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Logs that hold nothing, and answer to a ping as they are told. */
function logs() {
  const none = new Routes(new CellDirectory(async () => new Map()), []);
  return {
    messages: new MemoryStore(8),
    changes: new MemoryStore(8),
    projections: cellsProjectionStore(none),
    ping: vi.fn(async () => undefined),
    close: vi.fn(async () => undefined),
  } satisfies CellLogs;
}
const fail = (error: Error) => () => Promise.reject<never>(error);
const away = () => fail(new StoreUnreachable('no answer'));
const tryTo = (cell: Cell, work: () => Promise<unknown>) => cell.ask(work).catch((error: unknown) => error);

describe('a cell that cannot be opened', () => {
  test('says why, is tried again in the background, and works once it is open', async () => {
    const opened = logs();
    const open = vi.fn<() => Promise<CellLogs>>();
    open.mockRejectedValueOnce(new Error('no route')).mockRejectedValueOnce(new Error('no schema'));
    open.mockResolvedValue(opened);
    const cell = new Cell({ name: 'eu', open, logger: silentLogger, everyMs: 1_000 });
    await expect(cell.opened).rejects.toThrow('no route');
    const work = vi.fn(async () => 'done');
    await expect(cell.ask(work)).rejects.toThrow('Cell eu: no route');
    await expect(cell.ping()).rejects.toThrow('no route');
    cell.keepTrying();
    await vi.advanceTimersByTimeAsync(1_000);
    await expect(cell.ask(work)).rejects.toBeInstanceOf(StoreUnreachable);
    expect(cell.problem).toBe('no schema');
    await vi.advanceTimersByTimeAsync(1_000);
    expect(cell.problem).toBeNull();
    expect(work).not.toHaveBeenCalled();
    expect(await cell.ask(work)).toBe('done');
    await vi.advanceTimersByTimeAsync(10_000);
    expect(open).toHaveBeenCalledTimes(3);
    await cell.close();
    expect(opened.close).toHaveBeenCalledOnce();
  });

  test('closes at once: what is under way is ended, and closed if it comes all the same', async () => {
    const late = Promise.withResolvers<CellLogs>();
    const signals: AbortSignal[] = [];
    const open = (signal: AbortSignal) => {
      signals.push(signal);
      return late.promise;
    };
    const cell = new Cell({ name: 'eu', open, logger: silentLogger });
    await cell.close();
    expect(signals[0]?.aborted).toBe(true);
    const opened = logs();
    late.resolve(opened);
    await cell.opened;
    expect(opened.close).toHaveBeenCalledOnce();
    await expect(cell.ask(async () => 1)).rejects.toBeInstanceOf(StoreUnreachable);
  });
});

test('while it is waited for, it says what for', async () => {
  const open = (_: AbortSignal, onWaiting: (message: string) => void) => {
    onWaiting('waiting for one:9042');
    return new Promise<CellLogs>(() => undefined);
  };
  const cell = new Cell({ name: 'eu', open, logger: silentLogger });
  await expect(cell.ask(async () => 1)).rejects.toThrow('Cell eu: waiting for one:9042');
});

describe('a cell that stops answering', () => {
  const openCell = async (isAlone = false) => {
    const opened = logs();
    const cell = new Cell({
      name: 'eu',
      open: async () => opened,
      logger: silentLogger,
      isAlone,
      everyMs: 1_000,
      silentMs: 2_000,
    });
    await cell.opened;
    return { cell, opened };
  };
  const fallSilent = async (cell: Cell, error = () => away()()) => {
    for (let i = 0; i < 4; i++) await tryTo(cell, error);
    await vi.advanceTimersByTimeAsync(2_000);
    await tryTo(cell, error);
  };

  test('is let go of at once, also in the middle of being asked whether it answers', async () => {
    const { cell, opened } = await openCell();
    const answer = Promise.withResolvers<undefined>();
    opened.ping.mockReturnValue(answer.promise);
    await fallSilent(cell);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(opened.ping).toHaveBeenCalledOnce();
    const closed = cell.close();
    answer.reject(new Error('still away'));
    // No time passes: nothing more is waited for.
    await closed;
    expect(opened.close).toHaveBeenCalledOnce();
  });

  test('is not asked until it answers again', async () => {
    const { cell, opened } = await openCell();
    opened.ping.mockRejectedValue(new Error('still away'));
    await fallSilent(cell);
    expect(cell.problem).toContain('it has not answered');
    const work = vi.fn(async () => 'done');
    await expect(cell.ask(work)).rejects.toBeInstanceOf(StoreUnreachable);
    expect(work).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(3_000);
    expect(opened.ping).toHaveBeenCalledTimes(3);
    opened.ping.mockResolvedValue(undefined);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(cell.problem).toBeNull();
    expect(await cell.ask(work)).toBe('done');
    await vi.advanceTimersByTimeAsync(10_000);
    expect(opened.ping).toHaveBeenCalledTimes(4);
    await cell.close();
  });

  test('an outcome that is not known is none', async () => {
    const { cell, opened } = await openCell();
    opened.ping.mockRejectedValue(new Error('still away'));
    await fallSilent(cell, fail(new OutcomeUnknown('late')));
    expect(cell.problem).not.toBeNull();
    await cell.close();
  });

  test.each([
    ['answers now and then', async () => 'here'],
    ['refuses a batch', fail(new BatchRefused('too large'))],
    ['fails in a way of its own', fail(new TypeError('a bug'))],
  ])('but one that %s is asked on', async (_, answer) => {
    const { cell } = await openCell();
    for (let i = 0; i < 20; i++) {
      for (let n = 0; n < 4; n++) await tryTo(cell, away());
      await vi.advanceTimersByTimeAsync(1_000);
      await tryTo(cell, answer);
    }
    expect(cell.problem).toBeNull();
    await cell.close();
  });

  test('failures of a moment are not enough', async () => {
    const { cell } = await openCell();
    for (let i = 0; i < 100; i++) await tryTo(cell, away());
    expect(cell.problem).toBeNull();
    await cell.close();
  });

  test('and the only one there is is always asked, with a word in the log why', async () => {
    const warn = vi.spyOn(silentLogger, 'warn');
    const { cell } = await openCell(true);
    await fallSilent(cell);
    const about = 'the message store does not answer';
    const err = expect.objectContaining({ message: 'no answer' });
    expect(warn.mock.calls).toEqual([
      [{ err, failures: 1 }, about],
      [{ err, failures: 4 }, about],
    ]);
    await tryTo(cell, fail(new BatchRefused('too large')));
    expect(warn).toHaveBeenCalledTimes(2);
    warn.mockRestore();
    expect(cell.problem).toBeNull();
    expect(await cell.ask(async () => 'asked')).toBe('asked');
    await cell.close();
  });
});
