import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { silentLogger } from '../logger.ts';
import { Watermarks } from './watermarks.ts';

const channel = { organizationId: 'o', channelId: 'c' };

test('one note is under way at a time, and of those that come up meanwhile the newest is written', async () => {
  const written: number[] = [];
  const noteProjected = async (_: unknown, rev: number) => {
    await sleep(5);
    written.push(rev);
  };
  const watermarks = new Watermarks({ noteProjected }, silentLogger);
  for (const rev of [1, 2, 5, 3]) watermarks.note(channel, rev);
  await watermarks.close();
  expect(written).toEqual([1, 5]);
  watermarks.note(channel, 6);
  await watermarks.close();
  expect(written).toEqual([1, 5, 6]);
});

test('a note that fails harms nothing, and the next one is tried again', async () => {
  let calls = 0;
  const noteProjected = async () => {
    calls++;
    throw new Error('away');
  };
  const watermarks = new Watermarks({ noteProjected }, silentLogger);
  watermarks.note(channel, 1);
  await watermarks.close();
  watermarks.note(channel, 2);
  await watermarks.close();
  expect(calls).toBe(2);
});
