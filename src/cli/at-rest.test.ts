import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { saveMemoryAtRest } from './at-rest.ts';

const run = promisify(execFile);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('V8 is told when rest begins and when it ends, once each', () => {
  const told: string[] = [];
  let utilization = 0.5;
  const stop = saveMemoryAtRest({ utilization: () => utilization, tellV8: (flag) => told.push(flag) });
  vi.advanceTimersByTime(10_000);
  expect(told).toEqual([]);
  utilization = 0.01;
  vi.advanceTimersByTime(10_000);
  expect(told).toEqual(['--optimize-for-size']);
  utilization = 0.5;
  vi.advanceTimersByTime(10_000);
  expect(told).toEqual(['--optimize-for-size', '--no-optimize-for-size']);
  utilization = 0.01;
  vi.advanceTimersByTime(10_000);
  stop();
  vi.advanceTimersByTime(10_000);
  expect(told).toEqual(Array(2).fill(['--optimize-for-size', '--no-optimize-for-size']).flat());
});

test('what comes to a server at rest ends the rest within a moment; a moment without work begins none', () => {
  const told: string[] = [];
  let utilization = 0.01;
  const stop = saveMemoryAtRest({ utilization: () => utilization, tellV8: (flag) => told.push(flag) });
  vi.advanceTimersByTime(2_500);
  expect(told).toEqual(['--optimize-for-size']);
  utilization = 0.5;
  vi.advanceTimersByTime(250);
  expect(told).toEqual(['--optimize-for-size', '--no-optimize-for-size']);
  utilization = 0.01;
  vi.advanceTimersByTime(2_250);
  expect(told).toHaveLength(2);
  vi.advanceTimersByTime(250);
  expect(told).toHaveLength(3);
  stop();
});

test('V8 then gives back what a crowd has left behind', { timeout: 60_000 }, async () => {
  vi.useRealTimers();
  // Eight seconds after the crowd; left alone, never.
  const program = `
    const { saveMemoryAtRest } = await import(${JSON.stringify(new URL('at-rest.ts', import.meta.url).href)});
    saveMemoryAtRest();
    const kept = [];
    for (let i = 0; i < 1_000_000; i += 1) kept.push({ i, text: 'x' + i });
    kept.length = 0;
    const full = process.memoryUsage().heapTotal;
    setInterval(() => {
      if (process.memoryUsage().heapTotal < full / 3) process.exit();
    }, 100);
  `;
  await run(process.execPath, ['--input-type=module', '--eval', program], { timeout: 50_000 });
});
