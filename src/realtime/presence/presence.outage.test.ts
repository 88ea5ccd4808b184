/** Presence over a Redis that restarts, loses all, hangs; and over replicas that are killed. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../chat/clock.ts';
import { silentLogger } from '../../chat/logger.ts';
import { createRedisBus } from '../redis/bus.ts';
import { createRedisStore } from '../redis/ephemeral-store.ts';
import { isRedisInstalled, type OwnRedis, ownRedis } from '../testing/own-redis.ts';
import { createPresence, type ReplicaPresence } from './presence.ts';
import { type Presences, personOf, presences, watcherOf } from './testing/presences.ts';
import { LOOK_MS, short } from './testing/short.ts';

const PREFIX = 'presence-outage:';
const until = (check: () => void | Promise<void>): Promise<void> =>
  vi.waitFor(check, { timeout: 20_000, interval: 20 });

describe.skipIf(!isRedisInstalled() && process.env.REQUIRE_SERVICES !== '1')(
  'presence over a Redis that fails',
  () => {
    let redis: OwnRedis;
    const users: Presences = presences();
    const [ada, alan] = [users.user('ada'), users.user('alan')];
    let closing: AsyncDisposableStack;

    const replica = (replicaId: string): ReplicaPresence => {
      const common = { url: redis.url, prefix: PREFIX, logger: silentLogger };
      const bus = createRedisBus(common);
      const store = createRedisStore({ ...common, clock: systemClock });
      closing.defer(() => bus.close());
      closing.defer(() => store.close());
      const presence = createPresence({ bus, store, replicaId, logger: silentLogger, timings: short });
      closing.defer(() => presence.close());
      return presence;
    };
    const shown = (from: ReplicaPresence) => from.of(ada.organizationId, ['ada', 'alan']);
    const untilShown = (from: ReplicaPresence, ...states: string[]) =>
      until(async () => expect(await shown(from)).toEqual(states));

    beforeEach(async () => {
      closing = new AsyncDisposableStack();
      redis = await ownRedis();
      await redis.start();
      closing.defer(() => redis.stop());
    });
    afterEach(() => closing.disposeAsync());

    test('a killed replica: its people lapse, those of others stay', async () => {
      const b = replica('b');
      b.connections.came(personOf(alan), 'c');
      const script = new URL('testing/replica-process.ts', import.meta.url).pathname;
      const child = spawn(process.execPath, [script, redis.url, PREFIX, ada.organizationId, 'ada'], {
        stdio: 'ignore',
      });
      const ended = once(child, 'exit');
      try {
        await untilShown(b, 'ACTIVE', 'ACTIVE');
        const watcher = watcherOf(b.watch([ada, alan]));
        await until(() => expect(watcher.told).toEqual(['ada ACTIVE', 'alan ACTIVE']));
      } finally {
        child.kill('SIGKILL');
        await ended;
      }
      const watcher = watcherOf(b.watch([ada, alan]));
      await untilShown(b, 'OFFLINE', 'ACTIVE');
      await until(() => expect(watcher.now.get('ada')).toBe('OFFLINE'));
      expect(watcher.now.get('alan')).toBe('ACTIVE');
    });

    test('flushed, it has everybody again, and nobody is shown as gone', async () => {
      const [a, b] = [replica('a'), replica('b')];
      a.connections.came(personOf(ada), 'c1');
      b.connections.came(personOf(alan), 'c2');
      await untilShown(b, 'ACTIVE', 'ACTIVE');
      const watcher = watcherOf(b.watch([ada, alan]));
      await until(() => expect(watcher.now.size).toBe(2));
      for (let i = 0; i < 3; i += 1) {
        await redis.run('FLUSHALL');
        await untilShown(b, 'ACTIVE', 'ACTIVE');
        await untilShown(a, 'ACTIVE', 'ACTIVE');
        // The next look is one that finds everybody.
        await sleep(LOOK_MS + 100);
      }
      expect(watcher.told).toEqual(['ada ACTIVE', 'alan ACTIVE']);
    });

    test('restarted empty: nothing fails meanwhile, and what happened meanwhile is shown', async () => {
      const [a, b] = [replica('a'), replica('b')];
      a.connections.came(personOf(ada), 'c1');
      await untilShown(b, 'ACTIVE', 'OFFLINE');
      const watcher = watcherOf(b.watch([ada, alan]));
      await until(() => expect(watcher.now.size).toBe(2));
      await redis.stop();
      a.connections.came(personOf(alan), 'c2');
      a.connections.went(personOf(ada), 'c1');
      await untilShown(b, 'OFFLINE', 'OFFLINE');
      expect(await a.say(personOf(alan), 'AWAY', null)).toBe(false);
      const late = watcherOf(b.watch([alan]));
      await until(() => expect(late.told).toEqual(['alan OFFLINE']));
      expect(watcher.now.get('ada')).toBe('ACTIVE');
      await redis.start();
      await until(() => expect(Object.fromEntries(watcher.now)).toEqual({ ada: 'OFFLINE', alan: 'AWAY' }));
      await until(() => expect(late.now.get('alan')).toBe('AWAY'));
    });

    test('hanging, it is waited for no longer than a second or so', async () => {
      const a = replica('a');
      a.connections.came(personOf(ada), 'c1');
      await untilShown(a, 'ACTIVE', 'OFFLINE');
      redis.pause();
      const answered = shown(a);
      const watcher = watcherOf(a.watch([alan]));
      expect(await Promise.race([answered, new Promise((late) => setTimeout(late, 5_000, 'late'))])).toEqual([
        'OFFLINE',
        'OFFLINE',
      ]);
      await until(() => expect(watcher.told).toEqual(['alan OFFLINE']));
      redis.resume();
      await untilShown(a, 'ACTIVE', 'OFFLINE');
    });
  },
);
