import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { type Contender, compare, roundsOf } from './measure.ts';

const signal = new AbortController().signal;

/** Counts its sends and who sent at the same time; uses as much CPU a send as it is told. */
function contender(cpuPerSend: number) {
  const state = { sends: 0, underWay: 0, most: 0 };
  const made: Contender = {
    name: 'counted',
    cpuMicros: () => state.sends * cpuPerSend,
    async send() {
      state.most = Math.max(state.most, ++state.underWay);
      await sleep(1);
      state.underWay--;
      state.sends++;
    },
  };
  return { made, state };
}

test('every contender takes part in every round, with as many sends under way as asked', async () => {
  const [a, b] = [contender(10), contender(30)];
  const order: string[] = [];
  const named = [
    { ...a.made, name: 'a' },
    { ...b.made, name: 'b' },
  ];
  const course = { rounds: 2, secondsPerRound: 0.05, signal, onRound: (name: string) => order.push(name) };
  const results = await compare(named, 4, course);

  expect(order.join('')).toBe('ababab');
  expect(order).toHaveLength(roundsOf(2, course));
  expect([a.state.most, b.state.most]).toEqual([4, 4]);
  expect(results.map((result) => result.cpuMicrosPerSend)).toEqual([10, 30]);
  for (const { perSecond, p50Ms, p99Ms } of results) {
    expect(perSecond).toBeGreaterThan(0);
    expect(p99Ms).toBeGreaterThanOrEqual(p50Ms);
  }
});

test('a send that fails ends the measurement: a fast failure must not look like a fast send', async () => {
  const failing: Contender = {
    name: 'failing',
    cpuMicros: () => 0,
    send: () => Promise.reject(new Error('refused')),
  };
  const course = { rounds: 1, secondsPerRound: 0.05, signal, onRound: () => undefined };
  await expect(compare([failing], 1, course)).rejects.toThrow('refused');
});

test('can be stopped in the middle', async () => {
  const stop = new AbortController();
  const { made, state } = contender(1);
  const course = {
    rounds: 100,
    secondsPerRound: 60,
    signal: stop.signal,
    onRound: () => setTimeout(() => stop.abort(), 50),
  };
  await expect(compare([made], 2, course)).rejects.toThrow(/abort/i);
  expect(state.underWay).toBe(0);
});
