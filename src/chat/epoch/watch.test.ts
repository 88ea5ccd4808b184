import { afterEach, describe, expect, test, vi } from 'vitest';
import { unavailable } from '../errors.ts';
import { silentLogger } from '../logger.ts';
import { type EpochWatch, startEpochWatch } from './watch.ts';

const epochs = new Map<string, number>();
let isDown = false;
let watch: EpochWatch;

const start = async (everyMs = 1_000_000): Promise<EpochWatch> => {
  isDown = false;
  epochs.clear();
  epochs.set('default', 3);
  watch = await startEpochWatch({
    cells: {
      epochs: async () => {
        if (isDown) throw unavailable('database');
        return new Map(epochs);
      },
    },
    logger: silentLogger,
    everyMs,
  });
  return watch;
};
afterEach(() => watch.close());

describe('the watch over epochs', () => {
  test('knows them from its start, and tells of each raise once', async () => {
    const { current, cells, onRaised, look } = await start();
    const told = vi.fn();
    onRaised(told);
    expect(current('default')).toBe(3);
    expect(cells()).toEqual(['default']);
    await look();
    expect(told).not.toHaveBeenCalled();
    epochs.set('default', 4);
    await Promise.all([look(), look()]);
    await look();
    expect(told.mock.calls).toEqual([['default', 4]]);
    expect(current('default')).toBe(4);
    epochs.set('new', 1);
    await look();
    expect(cells()).toEqual(['default', 'new']);
  });

  test('asks by itself', async () => {
    const { onRaised } = await start(5);
    const told = vi.fn();
    onRaised(told);
    epochs.set('default', 5);
    await vi.waitFor(() => expect(told.mock.calls).toEqual([['default', 5]]));
  });

  test('hears of a higher one from whoever looked later, and never goes back', async () => {
    const { of, onRaised, look } = await start();
    const told = vi.fn();
    onRaised(told);
    expect(of({ cell: 'default', epoch: 4 })).toBe(4);
    expect(told.mock.calls).toEqual([['default', 4]]);
    // An answer from before the raise.
    await look();
    expect(of({ cell: 'default', epoch: 3 })).toBe(4);
    expect(told).toHaveBeenCalledTimes(1);
  });

  test('a cell that is new was not restored', async () => {
    const { of, onRaised } = await start();
    const told = vi.fn();
    onRaised(told);
    expect(of({ cell: 'second', epoch: 7 })).toBe(7);
    expect(told).not.toHaveBeenCalled();
  });

  test('goes on while the database is away, and when a listener fails', async () => {
    const { current, onRaised, look } = await start();
    const told = vi.fn();
    onRaised(() => {
      throw new Error('a bug');
    });
    onRaised(told);
    isDown = true;
    epochs.set('default', 4);
    await look();
    expect(current('default')).toBe(3);
    isDown = false;
    await look();
    expect(told.mock.calls).toEqual([['default', 4]]);
  });

  test('tells nobody once it is closed', async () => {
    const { close, onRaised } = await start(5);
    const told = vi.fn();
    onRaised(told);
    await close();
    epochs.set('default', 4);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(told).not.toHaveBeenCalled();
  });
});
