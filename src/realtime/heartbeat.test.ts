/** Beats tell who lives, and that something may have been missed. */
import { afterEach, expect, test, vi } from 'vitest';
import { silentLogger } from '../chat/logger.ts';
import { Heartbeat, type Suspicion } from './heartbeat.ts';
import { chanceOf, createNetwork, type TestBus } from './testing/lossy-bus.ts';
import { quick } from './testing/replicas.ts';
import type { Timings } from './timings.ts';
import { Unconfirmed } from './unconfirmed.ts';

const until = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 10_000, interval: 2 });
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

interface Heart {
  readonly bus: TestBus;
  readonly heartbeat: Heartbeat;
  readonly unconfirmed: Unconfirmed;
  readonly suspicions: Suspicion[];
}
const hearts: Heart[] = [];
const network = createNetwork(chanceOf(1));
function heart(replicaId: string, timings: Partial<Timings> = {}, bus = network.bus()): Heart {
  const unconfirmed = new Unconfirmed(10);
  const options = { bus, replicaId, unconfirmed, timings: { ...quick, ...timings }, logger: silentLogger };
  const heartbeat = new Heartbeat(options);
  const suspicions: Suspicion[] = [];
  heartbeat.onSuspicion((suspicion) => suspicions.push(suspicion));
  const made = { bus, heartbeat, unconfirmed, suspicions };
  hearts.push(made);
  return made;
}
afterEach(async () => {
  for (const { heartbeat, bus } of hearts.splice(0)) {
    await heartbeat.close();
    await bus.close();
  }
});

test('replicas that beat steadily suspect nothing of each other', async () => {
  const [a, b] = [heart('a', { silentMs: 60_000 }), heart('b', { silentMs: 60_000 })];
  await until(() => expect([a.heartbeat.size, b.heartbeat.size]).toEqual([2, 2]));
  await sleep(20);
  a.suspicions.splice(0);
  await sleep(200);
  expect(a.suspicions).toEqual([]);
});

test('a replica that is new is reason to look at everything', async () => {
  const a = heart('a');
  heart('b');
  await until(() => expect(a.suspicions.some((s) => s.isAll)).toBe(true));
});

test('a beat that is lost is noticed at the next one', async () => {
  const [a, b] = [heart('a', { silentMs: 60_000 }), heart('b', { silentMs: 60_000 })];
  await until(() => expect(a.heartbeat.size).toBe(2));
  await sleep(20);
  a.suspicions.splice(0);
  b.bus.mute();
  await sleep(3 * quick.beatMs);
  b.bus.restore();
  await until(() => expect(a.suspicions.length).toBeGreaterThan(0));
});

test('silence is noticed once, also one’s own; whoever is deaf takes nobody for gone', async () => {
  const [a, b] = [heart('a', { goneMs: 100 }), heart('b', { goneMs: 100 })];
  await until(() => expect(a.heartbeat.size).toBe(2));
  a.bus.cut(false);
  await until(() => expect(a.heartbeat.hearsItself()).toBe(false));
  await sleep(200);
  expect(a.heartbeat.size).toBe(2);
  a.bus.restore();
  await until(() => expect(a.heartbeat.hearsItself()).toBe(true));
  expect(a.heartbeat.size).toBe(2);
  b.bus.cut(false);
  await until(() => expect(a.heartbeat.size).toBe(1));
});

test('what was not confirmed is named to the others, and no longer once a beat was confirmed', async () => {
  const [a, b] = [heart('a'), heart('b')];
  await until(() => expect(b.heartbeat.size).toBe(2));
  b.unconfirmed.channel({ organizationId: 'o', channelId: 'c' });
  b.unconfirmed.user({ organizationId: 'o', userId: 'u' });
  await until(() =>
    expect(a.suspicions).toContainEqual(
      expect.objectContaining({ channels: [['o', 'c']], users: [['o', 'u']] }),
    ),
  );
  await until(() => expect(b.unconfirmed.named()).toMatchObject({ channels: [], users: [] }));
});

test('a replica that ends says farewell', async () => {
  const [a, b] = [heart('a', { goneMs: 60_000 }), heart('b')];
  await until(() => expect(a.heartbeat.size).toBe(2));
  await b.heartbeat.close();
  await until(() => expect(a.heartbeat.size).toBe(1));
});

test('wrong shapes on the heartbeat topic are reason to look, and no harm', async () => {
  const a = heart('a');
  await until(() => expect(a.heartbeat.size).toBe(1));
  await sleep(30);
  a.suspicions.splice(0);
  a.bus.forge('beat', { from: 'x', n: 'one' });
  await until(() => expect(a.suspicions.some((s) => s.isAll)).toBe(true));
  expect(a.heartbeat.size).toBe(1);
});
