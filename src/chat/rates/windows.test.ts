import { beforeEach, expect, test, vi } from 'vitest';
import type { SharedCount, SharedCounts } from './port.ts';
import { Windows } from './windows.ts';

let now = 0;
beforeEach(() => {
  now = 1_000;
});
const limit = { most: 100, perMs: 5_000 };
const alone = (options: { most?: number; windows?: number } = {}) =>
  new Windows({
    limit: { ...limit, most: options.most ?? limit.most },
    shared: null,
    now: () => now,
    ...(options.windows === undefined ? {} : { most: options.windows }),
  });

/** Takes as many as there are, at most `times`; says how many there were. */
function takeAll(windows: Windows, key = 'ada', times = 1_000): number {
  for (let taken = 0; taken < times; taken += 1) {
    if (windows.wait(key) > 0) return taken;
    windows.take(key);
  }
  return times;
}

/** A Redis: one window for each key, which all replicas count into. */
function counts(perMs = limit.perMs) {
  const open = new Map<string, { count: number; endsAt: number }>();
  const told: number[] = [];
  let isDown = false;
  let hold: Promise<void> | null = null;
  const port: SharedCounts = {
    async add(key, taken): Promise<SharedCount> {
      told.push(taken);
      if (isDown) throw new Error('away');
      const known = open.get(key);
      const window = known !== undefined && known.endsAt > now ? known : { count: 0, endsAt: now + perMs };
      window.count += taken;
      open.set(key, window);
      const answer = { count: window.count, leftMs: window.endsAt - now };
      await hold;
      return answer;
    },
  };
  return {
    port,
    told,
    open,
    down: (is: boolean) => {
      isDown = is;
    },
    hold: (until: Promise<void> | null) => {
      hold = until;
    },
  };
}
const over = (redis: ReturnType<typeof counts>, onFailure = vi.fn<(error: unknown) => void>()) =>
  new Windows({ limit, shared: redis.port, now: () => now, onFailure });
const settled = () => new Promise((resolve) => setImmediate(resolve));

test('as many as the limit, then none until the window ends, then as many again', () => {
  const windows = alone();
  expect(takeAll(windows)).toBe(100);
  now += 1_200.5;
  const wait = windows.wait('ada');
  expect(wait).toBe(3_800);
  now += wait - 1;
  expect(windows.wait('ada')).toBeGreaterThan(0);
  now += 1;
  expect(windows.wait('ada')).toBe(0);
  expect(takeAll(windows)).toBe(100);
});

test('asking takes nothing, and each key has its own', () => {
  const windows = alone({ most: 1 });
  for (let i = 0; i < 10; i += 1) expect(windows.wait('ada')).toBe(0);
  expect(windows.size).toBe(0);
  windows.take('ada');
  expect(windows.wait('ada')).toBe(5_000);
  expect(windows.wait('grace')).toBe(0);
});

test('windows that are over are forgotten, and older ones when there are too many', () => {
  const windows = alone({ windows: 10 });
  for (let i = 0; i < 100; i += 1) windows.take(`one-${i}`);
  expect(windows.size).toBe(10);
  const many = alone();
  for (const name of ['one', 'two', 'three', 'four']) {
    for (let i = 0; i < 1_000; i += 1) many.take(`${name}-${i}`);
    now += 5_000;
  }
  expect(many.size).toBe(2_000);
});

test('a window that is open is kept however many others come and go, as long as it is used', () => {
  const windows = alone({ most: 1, windows: 10 });
  windows.take('ada');
  for (let i = 0; i < 4; i += 1) windows.take(`other-${i}`);
  now += 4_999;
  for (let i = 4; i < 8; i += 1) windows.take(`other-${i}`);
  expect(windows.wait('ada')).toBe(1);

  const busy = alone({ most: 8, windows: 10 });
  for (let i = 0; i < 8; i += 1) {
    busy.take('ada');
    for (let n = 0; n < 4; n += 1) busy.take(`other-${i}-${n}`);
  }
  expect(busy.wait('ada')).toBe(5_000);
  expect(busy.size).toBeLessThanOrEqual(10);
});

test('whoever keeps far from the limit is told of to nobody', async () => {
  const redis = counts();
  const windows = over(redis);
  takeAll(windows, 'ada', 9);
  now += 5_000;
  takeAll(windows, 'ada', 9);
  await settled();
  expect(redis.told).toEqual([]);
  windows.take('ada');
  await settled();
  expect(redis.told).toEqual([10]);
});

test('telling gets denser towards the limit, and one answer at a time is waited for', async () => {
  const redis = counts();
  const windows = over(redis);
  for (let i = 0; i < 100; i += 1) {
    expect(windows.wait('ada')).toBe(0);
    windows.take('ada');
    await settled();
  }
  expect(windows.wait('ada')).toBeGreaterThan(0);
  expect(redis.open.get('ada')?.count).toBe(100);
  expect(redis.told[0]).toBe(10);
  expect(redis.told.at(-1)).toBe(1);
  expect(redis.told.length).toBeLessThanOrEqual(40);

  const slow = counts();
  const held = Promise.withResolvers<void>();
  slow.hold(held.promise);
  const other = over(slow);
  takeAll(other, 'ada', 50);
  await settled();
  expect(slow.told).toEqual([10]);
  held.resolve();
  await settled();
  expect(slow.told).toEqual([10, 40]);
});

test('several replicas together go over the limit by what they have not told each other', async () => {
  const redis = counts();
  const replicas = Array.from({ length: 4 }, () => over(redis));
  let taken = 0;
  for (let i = 0; i < 400; i += 1) {
    const windows = replicas[i % replicas.length];
    if (windows === undefined || windows.wait('ada') > 0) continue;
    windows.take('ada');
    taken += 1;
    await settled();
  }
  expect(taken).toBeGreaterThanOrEqual(100);
  expect(taken).toBeLessThanOrEqual(100 + 4 * 10);
});

test('what another replica has used up is not there here after the first portion', async () => {
  const redis = counts();
  const [one, other] = [over(redis), over(redis)];
  takeAll(one);
  await settled();
  now += 1_000;
  takeAll(other, 'ada', 10);
  await settled();
  // Both windows end together, with the first.
  expect(other.wait('ada')).toBe(4_000);
  now += 4_000;
  expect(other.wait('ada')).toBe(0);
});

test('with Redis away each replica holds the limit by itself, and leaves Redis alone for a while', async () => {
  const redis = counts();
  const onFailure = vi.fn<(error: unknown) => void>();
  const windows = over(redis, onFailure);
  redis.down(true);
  let taken = 0;
  for (let i = 0; i < 200; i += 1) {
    if (windows.wait('ada') === 0) {
      windows.take('ada');
      taken += 1;
    }
    await settled();
  }
  expect(taken).toBe(100);
  expect(redis.told).toEqual([10]);
  expect(onFailure).toHaveBeenCalledTimes(1);
  redis.down(false);
  now += 5_000;
  takeAll(windows, 'ada', 10);
  await settled();
  expect(redis.open.get('ada')?.count).toBe(10);
});

test('a Redis that forgot everything opens no more of a limit than was left', async () => {
  const redis = counts();
  const windows = over(redis);
  takeAll(windows, 'ada', 60);
  await settled();
  redis.open.clear();
  expect(takeAll(windows)).toBe(40);
  await settled();
  expect(windows.wait('ada')).toBe(5_000);
  expect(windows.wait('grace')).toBe(0);
  now += 5_000;
  expect(takeAll(windows)).toBe(100);
});

test('what Redis did not hear of while it was away still counts here when it is back', async () => {
  const redis = counts();
  const windows = over(redis);
  redis.down(true);
  takeAll(windows, 'ada', 60);
  await settled();
  redis.down(false);
  now += 1_000;
  let more = 0;
  for (; more < 100 && windows.wait('ada') === 0; more += 1) {
    windows.take('ada');
    await settled();
  }
  expect(redis.told.length).toBeGreaterThan(1);
  expect(more).toBe(40);
  expect(windows.wait('ada')).toBe(4_000);
});

test('answers that make no sense never lock anybody out for longer than a window', async () => {
  const windows = new Windows({
    limit,
    shared: { add: async () => ({ count: 1e9, leftMs: 1e12 }) },
    now: () => now,
  });
  takeAll(windows, 'ada', 10);
  await settled();
  expect(windows.wait('ada')).toBe(5_000);
  const odd = new Windows({
    limit,
    shared: { add: async () => ({ count: Number.NaN, leftMs: Number.NaN }) },
    now: () => now,
  });
  takeAll(odd, 'ada', 10);
  await settled();
  now += 10_000;
  expect(odd.wait('ada')).toBe(0);
});
