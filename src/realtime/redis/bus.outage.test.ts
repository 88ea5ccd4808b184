/** What the bus does while its Redis is away: nothing waits for it, nothing ends with it, and it says so. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { silentLogger } from '../../chat/logger.ts';
import { type Bus, NotConfirmed } from '../bus.ts';
import { isRedisInstalled, type OwnRedis, ownRedis } from '../testing/own-redis.ts';
import { createRedisBus } from './bus.ts';

const until = (check: () => void | Promise<void>): Promise<void> =>
  vi.waitFor(check, { timeout: 20_000, interval: 10 });

describe.skipIf(!isRedisInstalled() && process.env.REQUIRE_SERVICES !== '1')(
  'bus over a Redis that fails',
  () => {
    let redis: OwnRedis;
    const opened: Bus[] = [];
    const open = (logger = silentLogger): Bus => {
      const bus = createRedisBus({ url: redis.url, prefix: 'outage:', logger });
      opened.push(bus);
      return bus;
    };
    const up = async (bus: Bus): Promise<void> => until(() => expect(bus.state()).toBe('UP'));

    beforeEach(async () => {
      redis = await ownRedis();
    });
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((bus) => bus.close()));
      await redis.stop();
    });

    test('may be opened before Redis runs: publications are refused, topics joined later; the log says why, once', async () => {
      const warn = vi.fn();
      const bus = open({ ...silentLogger, warn });
      const heard: unknown[] = [];
      const { joined } = bus.subscribe('t', (p) => heard.push(p));
      await expect(bus.publish('t', 'lost')).rejects.toBeInstanceOf(NotConfirmed);
      expect(bus.state()).toBe('DOWN');
      await until(() => expect(warn).toHaveBeenCalled());
      const why = expect.objectContaining({ code: 'ECONNREFUSED' });
      await redis.start();
      await joined;
      await up(bus);
      expect(warn.mock.calls).toEqual([[{ err: why }, expect.stringContaining('no connection')]]);
      await bus.publish('t', 'heard');
      await until(() => expect(heard).toEqual(['heard']));
    });

    test('after a restart everything is heard again: what was joined before, and what was asked for meanwhile', async () => {
      await redis.start();
      const [a, b] = [open(), open()];
      await up(a);
      await up(b);
      const said: string[] = [];
      b.onInterrupted(() => said.push('interrupted'));
      b.onRestored(() => said.push('restored'));
      const heard: unknown[] = [];
      await b.subscribe('old', (p) => heard.push(p)).joined;
      const left = b.subscribe('left', (p) => heard.push(p));
      await left.joined;

      await redis.stop();
      await until(() => expect([a.state(), b.state()]).toEqual(['DOWN', 'DOWN']));
      await expect(a.publish('old', 'lost')).rejects.toBeInstanceOf(NotConfirmed);
      const fresh = b.subscribe('new', (p) => heard.push(p));
      left.leave();

      await redis.start();
      await up(a);
      await up(b);
      await fresh.joined;
      expect(said).toEqual(['interrupted', 'restored']);
      for (const topic of ['left', 'old', 'new']) await a.publish(topic, topic);
      await until(() => expect(heard).toEqual(['old', 'new']));
      expect(await redis.run('PUBSUB', 'NUMSUB', 'outage:left')).toEqual(['outage:left', 0]);
    });

    test('a restored bus hears at once: its topics were joined before it says so', async () => {
      await redis.start();
      const [a, b] = [open(), open()];
      await up(a);
      const heard: number[] = [];
      const topics = Array.from({ length: 500 }, (_, i) => i);
      await Promise.all(topics.map((i) => b.subscribe(`t${i}`, () => heard.push(i)).joined));
      await redis.stop();
      await until(() => expect([a.state(), b.state()]).toEqual(['DOWN', 'DOWN']));
      const restored = Promise.withResolvers<void>();
      b.onRestored(() => restored.resolve());
      await redis.start();
      await restored.promise;
      await Promise.all(topics.map((i) => redis.run('PUBLISH', `outage:t${i}`, '1')));
      await until(() => expect(heard.toSorted((x, y) => x - y)).toEqual(topics));
    });

    test('with a Redis that hangs, publishing settles, memory is bounded, and the silence is noticed', async () => {
      await redis.start();
      const bus = open();
      await up(bus);
      redis.pause();
      const outcomes = await Promise.allSettled(Array.from({ length: 10_000 }, () => bus.publish('t', 'x')));
      expect(outcomes.every((o) => o.status === 'rejected' && o.reason instanceof NotConfirmed)).toBe(true);
      const refused = outcomes.filter((o) => o.status === 'rejected' && /under way/.test(String(o.reason)));
      expect(refused.length).toBe(10_000 - 4_096);
      await until(() => expect(bus.state()).toBe('DOWN'));
      redis.resume();
      await up(bus);
      await bus.publish('t', 'x');
    });

    test('a connection killed by Redis is made anew', async () => {
      await redis.start();
      const bus = open();
      await up(bus);
      const restored = Promise.withResolvers<void>();
      bus.onRestored(() => restored.resolve());
      const heard: unknown[] = [];
      await bus.subscribe('t', (p) => heard.push(p)).joined;
      await redis.run('CLIENT', 'KILL', 'TYPE', 'pubsub');
      await restored.promise;
      await redis.run('FLUSHALL');
      await bus.publish('t', 1);
      await until(() => expect(heard).toEqual([1]));
    });

    test('closing while Redis is away settles, and no rejection is left unheard', async () => {
      await redis.start();
      const bus = open();
      await up(bus);
      const joined = bus.subscribe('joined', () => undefined);
      await joined.joined;
      await redis.stop();
      await until(() => expect(bus.state()).toBe('DOWN'));
      joined.leave();
      bus.subscribe('pending', () => undefined);
      void bus.publish('t', 1).catch(() => undefined);
      // vitest fails the run for any rejection that nobody hears.
      await bus.close();
    });

    test('closing with a Redis that hangs settles too', async () => {
      await redis.start();
      const bus = open();
      await up(bus);
      redis.pause();
      bus.subscribe('pending', () => undefined);
      await bus.close();
      expect(bus.state()).toBe('DOWN');
    });
  },
);
