import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Lease, type LeaseOptions } from './lease.ts';
import type { Revocation } from './revocation.ts';
import { type FakeLeases, fakeLeases } from './testing/fake-leases.ts';
import { sleep, until } from './testing/reading.ts';
import { recordingLogger } from './testing/recording-logger.ts';

const LEASE_MS = 10_000;
const MARGIN_MS = 500;

let store: FakeLeases;
/** The edge's clocks, and the store's: none knows of the others. */
let monotonic: number;
let wall: number;
let database: number;
let isTold: boolean;
let cut: Revocation[];
let unknown: number;
let lease: Lease;
let logged: string[];

/** All three go on, as time does. */
const pass = (ms: number): void => {
  monotonic += ms;
  wall += ms;
  database += ms;
};

const begin = (options: Partial<LeaseOptions> = {}): Lease => {
  const { logger, lines } = recordingLogger();
  logged = lines;
  lease = new Lease({
    store: store.store,
    edgeId: 'edge',
    carryOut: async (revocation) => void cut.push(revocation),
    onUnknown: () => {
      unknown += 1;
    },
    isTold: () => isTold,
    // Renewed when a test says so.
    timings: { leaseMs: LEASE_MS, leaseMarginMs: MARGIN_MS, renewMs: 1_000_000, renewSoonMs: 1, retryMs: 1 },
    clock: { now: () => wall },
    monotonic: () => monotonic,
    logger,
    ...options,
  });
  return lease;
};
const leave = (userId = 'ada') =>
  store.commit({
    organizationId: 'o',
    userId,
    channelId: 'c',
    membershipId: 'm',
    reason: 'LEFT',
    mayStillRead: false,
  });
const round = async (): Promise<number> => (await store.store.live())[0]?.round ?? 0;
/** A renewal begins, and one that began from now on comes through. */
const renew = async (): Promise<void> => {
  const next = begun + 1;
  lease.hurry();
  await until(() => expect(carried).toBeGreaterThanOrEqual(next));
};
/** The newest renewal begun, and told of as carried out. */
let begun: number;
let carried: number;

beforeEach(() => {
  store = fakeLeases();
  [monotonic, wall, database] = [50_000, 1_000_000, 7_000];
  [isTold, cut, unknown, begun, carried] = [true, [], 0, 0, 0];
  store.now = () => database;
  const { extend, carriedOut } = store.store;
  Object.assign(store.store, {
    extend: (edgeId: string, n: number, ms: number) => {
      begun = n;
      return extend(edgeId, n, ms);
    },
    carriedOut: async (edgeId: string, n: number) => {
      await carriedOut(edgeId, n);
      carried = n;
    },
  });
});
afterEach(async () => {
  store.isDown = false;
  store.beforeAnswer = async () => undefined;
  await lease.close();
});

describe('the gate', () => {
  test('opens with the first lease, and closes by itself when that lapses', async () => {
    begin();
    expect(lease.isOpen()).toBe(false);
    await lease.start();
    expect(lease.isOpen()).toBe(true);
    pass(LEASE_MS - MARGIN_MS - 1);
    expect(lease.isOpen()).toBe(true);
    pass(1);
    expect(lease.isOpen()).toBe(false);
  });

  test('has closed here before the lease has lapsed in Postgres', async () => {
    begin();
    await lease.start();
    pass(LEASE_MS - MARGIN_MS);
    expect(lease.isOpen()).toBe(false);
    expect(await round()).toBe(1);
    pass(MARGIN_MS);
    expect(await round()).toBe(0);
  });

  test('counts from before the request, however long the answer takes', async () => {
    store.beforeAnswer = async (method) => {
      if (method === 'revokedSince') pass(LEASE_MS - MARGIN_MS - 1);
    };
    await begin().start();
    expect(lease.isOpen()).toBe(true);
    pass(1);
    expect(lease.isOpen()).toBe(false);
  });

  test('an answer that comes after its lease has lapsed opens nothing', async () => {
    begin();
    await lease.start();
    let opened = 0;
    lease.onOpened(() => {
      opened += 1;
    });
    pass(LEASE_MS);
    let isLate = true;
    store.beforeAnswer = async (method) => {
      if (method === 'revokedSince' && isLate) pass(LEASE_MS);
    };
    await renew();
    expect(lease.isOpen()).toBe(false);
    expect(opened).toBe(0);
    isLate = false;
    await renew();
    expect(lease.isOpen()).toBe(true);
    expect(opened).toBe(1);
  });

  test('says each time that it opens again, and not when it stayed open', async () => {
    begin();
    let opened = 0;
    const stop = lease.onOpened(() => {
      opened += 1;
    });
    await lease.start();
    expect(opened).toBe(1);
    await renew();
    expect(opened).toBe(1);
    pass(LEASE_MS);
    await renew();
    expect(opened).toBe(2);
    stop();
    pass(LEASE_MS);
    await renew();
    expect(opened).toBe(2);
  });

  test('a listener that fails keeps neither the others from hearing of it, nor the lease from being renewed', async () => {
    begin();
    let opened = 0;
    lease.onOpened(() => {
      throw new Error('a bug');
    });
    lease.onOpened(() => {
      opened += 1;
    });
    await lease.start();
    expect(opened).toBe(1);
    expect(logged).toEqual(['error Delivery does not go on everywhere.']);
    pass(LEASE_MS);
    await renew();
    expect(lease.isOpen()).toBe(true);
    expect(opened).toBe(2);
  });

  test('is closed by either of the edge’s clocks: one stands still while a machine sleeps', async () => {
    begin();
    await lease.start();
    wall += LEASE_MS;
    expect(lease.isOpen()).toBe(false);
    await renew();
    monotonic += LEASE_MS;
    expect(lease.isOpen()).toBe(false);
    await renew();
    // A wall clock that is set back opens nothing, and keeps nothing open.
    wall -= 24 * 3_600_000;
    expect(lease.isOpen()).toBe(true);
    pass(LEASE_MS);
    expect(lease.isOpen()).toBe(false);
  });

  test('once found closed it stays so until a renewal says that it opened, whatever is done to the wall’s clock', async () => {
    begin();
    await lease.start();
    wall += LEASE_MS;
    expect(lease.isOpen()).toBe(false);
    wall -= LEASE_MS;
    expect(lease.isOpen()).toBe(false);
    let opened = 0;
    lease.onOpened(() => {
      opened += 1;
    });
    await renew();
    expect(opened).toBe(1);
  });

  test('with Postgres away it closes, says so once, and opens when that is back', async () => {
    begin();
    await lease.start();
    store.isDown = true;
    lease.hurry();
    await until(() => expect(logged.length).toBeGreaterThan(2));
    expect(lease.isOpen()).toBe(true);
    pass(LEASE_MS);
    await until(() => expect(logged.filter((line) => line.startsWith('warn'))).toHaveLength(1));
    const lines = logged.length;
    await until(() => expect(logged.length).toBeGreaterThan(lines + 3));
    expect(logged.filter((line) => line.startsWith('warn'))).toHaveLength(1);
    store.isDown = false;
    await until(() => expect(lease.isOpen()).toBe(true));
  });
});

describe('a renewal', () => {
  test('carries out what has ended since the last one before it counts, and before the gate opens', async () => {
    const seen: [number, boolean][] = [];
    begin({
      carryOut: async (revocation) => {
        seen.push([revocation.membershipRev ?? 0, lease.isOpen()]);
      },
    });
    leave();
    await lease.start();
    expect(seen).toEqual([]);
    const [second, third] = [leave('ada'), leave('grace')];
    pass(LEASE_MS);
    let atOpening = 0;
    lease.onOpened(() => {
      atOpening = seen.length;
    });
    await renew();
    expect(seen).toEqual([
      [second.rev, false],
      [third.rev, false],
    ]);
    expect(atOpening).toBe(2);
    await renew();
    expect(seen).toHaveLength(2);
  });

  test('reads only once its longer lease can be seen by others', async () => {
    begin();
    await lease.start();
    pass(LEASE_MS);
    // Whoever looks when it has read sees a live lease, and waits.
    const live: number[] = [];
    store.beforeAnswer = async (method) => {
      if (method === 'revokedSince') live.push((await store.store.live()).length);
    };
    await renew();
    expect(live.length).toBeGreaterThan(0);
    expect(live).not.toContain(0);
  });

  test('that found something is tried again from the same place when it fails half way', async () => {
    begin();
    await lease.start();
    leave();
    let failures = 2;
    store.beforeAnswer = async (method) => {
      if (method !== 'revokedSince' || failures === 0) return;
      failures -= 1;
      throw new Error('the answer was lost');
    };
    await renew();
    expect(cut).toHaveLength(1);
  });

  test('is told of as carried out only when nothing is on its way to a socket; later ones go on', async () => {
    const slow = Promise.withResolvers<void>();
    begin({ carryOut: () => slow.promise });
    await lease.start();
    await until(() => expect(carried).toBe(1));
    leave();
    lease.hurry();
    await until(async () => expect(await round()).toBe(2));
    pass(LEASE_MS);
    lease.hurry();
    await until(() => expect(lease.isOpen()).toBe(true));
    expect(carried).toBe(1);
    slow.resolve();
    await until(() => expect(carried).toBe(3));
  });

  test('that cannot tell all sends everybody to ask anew, before the gate opens', async () => {
    let wasOpen = true;
    begin({
      onUnknown: () => {
        unknown += 1;
        wasOpen = lease.isOpen();
      },
    });
    await lease.start();
    leave();
    store.forget();
    pass(LEASE_MS);
    await renew();
    expect([unknown, wasOpen, lease.isOpen()]).toEqual([1, false, true]);
    await renew();
    expect(unknown).toBe(1);
  });

  test('comes often while the bus brings nothing', async () => {
    isTold = false;
    begin();
    await lease.start();
    // In real time: `pass` is not needed for it.
    const ticking = setInterval(() => pass(1), 1);
    await until(() => expect(carried).toBeGreaterThan(5));
    clearInterval(ticking);
  });
});

test('closing ends the lease for all to see, and opens never again', async () => {
  begin();
  await lease.start();
  const held = Promise.withResolvers<void>();
  const { extend } = store.store;
  Object.assign(store.store, {
    extend: async (edgeId: string, n: number, ms: number) => {
      begun = n;
      await held.promise;
      return extend(edgeId, n, ms);
    },
  });
  lease.hurry();
  await until(() => expect(begun).toBe(2));
  const closed = lease.close();
  expect(lease.isOpen()).toBe(false);
  await sleep(20);
  // A renewal under way comes through, and does not bring it back.
  held.resolve();
  await closed;
  expect(await store.store.live()).toEqual([]);
  expect(lease.isOpen()).toBe(false);
});
