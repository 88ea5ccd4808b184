import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { expect, test, vi } from 'vitest';
import { describeWith, serviceUrl } from '../../../test/services.ts';
import { silentLogger } from '../../chat/logger.ts';
import { busContract } from '../bus.contract.ts';
import type { Bus } from '../bus.ts';
import { createRedisBus } from './bus.ts';

const open = (prefix: string): Bus =>
  createRedisBus({ url: serviceUrl('redis'), prefix: `${prefix}:`, logger: silentLogger });

await describeWith(['redis'], 'over Redis', () => {
  busContract('redis', {
    ends: async () => {
      const prefix = `test-${randomUUID()}`;
      return [open(prefix), open(prefix)];
    },
  });

  test('what is no JSON arrives as it is, for its listener to refuse, and harms nothing', async () => {
    const prefix = `test-${randomUUID()}`;
    const [mine, stranger] = [open(prefix), new Redis(serviceUrl('redis'))];
    const heard: unknown[] = [];
    await mine.subscribe('t', (payload) => heard.push(payload)).joined;
    const bytes = Buffer.from([0xff, 0x00, 0x7b, 0xfe]);
    for (const garbage of ['', '{', '{"from":', bytes]) await stranger.publish(`${prefix}:t`, garbage);
    await mine.publish('t', { well: true });
    await vi.waitFor(() => expect(heard.at(-1)).toEqual({ well: true }), { timeout: 10_000 });
    expect(heard.slice(0, 3)).toEqual(['', '{', '{"from":']);
    expect(heard.length).toBe(5);
    await mine.close();
    stranger.disconnect();
  });

  test('installations that share a Redis do not hear each other', async () => {
    const [mine, same, other] = [open('one'), open('one'), open('two')];
    const topic = randomUUID();
    const heard: string[] = [];
    await Promise.all([
      same.subscribe(topic, () => heard.push('same')).joined,
      other.subscribe(topic, () => heard.push('other')).joined,
    ]);
    await vi.waitFor(() => mine.publish(topic, 1), { timeout: 10_000 });
    await vi.waitFor(() => expect(heard).toContain('same'), { timeout: 10_000 });
    expect(heard).not.toContain('other');
    await Promise.all([mine, same, other].map((bus) => bus.close()));
  });
});
