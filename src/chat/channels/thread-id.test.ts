/** Names of threads. */
import { expect, test } from 'vitest';
import { isUuid } from '../ids.ts';
import { threadIdOf } from './thread-id.ts';

const channel = '0193a1c4-7d3e-7b1a-9c55-2f0d6f1e8a01';
const organization = '0193a1c4-7d3e-7b1a-9c55-2f0d6f1e8a02';

test('is a UUIDv8 that never changes: threads are found by it for as long as they are kept', () => {
  const id = threadIdOf(organization, { channelId: channel, seq: 7 });
  expect(id).toBe('5023f514-0435-8dd3-8655-2e0ac63de37c');
  expect(isUuid(id)).toBe(true);
});

test('differs with organization, channel and number', () => {
  const all = [
    threadIdOf(organization, { channelId: channel, seq: 1 }),
    threadIdOf(organization, { channelId: channel, seq: 11 }),
    threadIdOf(organization, { channelId: organization, seq: 1 }),
    threadIdOf(channel, { channelId: channel, seq: 1 }),
  ];
  expect(new Set(all).size).toBe(4);
});
