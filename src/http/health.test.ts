import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { silentLogger } from '../chat/logger.ts';
import { type Probe, type Readiness, readinessCheck } from './health.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const up = { part: 'database', check: async () => undefined };
const hangs = (part: string, more: Partial<Probe> = {}): Probe => ({
  part,
  check: () => new Promise(() => undefined),
  ...more,
});
/** What is said within this time; null: nothing. */
async function saidWithin(ms: number, probes: readonly Probe[]): Promise<Readiness['status'] | null> {
  let said: Readiness | null = null;
  void readinessCheck(probes, silentLogger)().then((readiness) => {
    said = readiness;
  });
  await vi.advanceTimersByTimeAsync(ms);
  return (said as Readiness | null)?.status ?? null;
}

test('a part that can be done without holds the answer up for less than a balancer waits', async () => {
  const probes = [up, hangs('cell:eu', { isOptional: true })];
  expect(await saidWithin(900, probes)).toBe('degraded');
});

test('one that cannot has its time', async () => {
  expect(await saidWithin(1_900, [up, hangs('messages')])).toBeNull();
  expect(await saidWithin(2_100, [up, hangs('messages')])).toBe('unready');
});
