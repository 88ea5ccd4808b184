/**
 * Two replicas over a real Redis that is stopped, flushed, paused and started again: whoever follows a channel on
 * either ends with every message once, in order; nobody who sends waits for Redis.
 */
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { systemClock } from '../chat/clock.ts';
import { decodeEventCursor } from '../chat/cursors/cursor.ts';
import type { ChangeEntry, MessageEntry } from '../chat/log/entries.ts';
import { silentLogger } from '../chat/logger.ts';
import type { Bus } from './bus.ts';
import { createLive } from './live.ts';
import type { Live } from './live-parts.ts';
import { createPublisher, type LivePublisher } from './publisher.ts';
import { createRedisBus } from './redis/bus.ts';
import { fakeEpochs } from './testing/fake-epochs.ts';
import { fakeStore } from './testing/fake-log.ts';
import { fakeMemberships } from './testing/fake-memberships.ts';
import { isRedisInstalled, type OwnRedis, ownRedis } from './testing/own-redis.ts';
import { type Follower, follow, messageEntry } from './testing/replicas.ts';

const until = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 60_000, interval: 20 });
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);

interface Replica {
  readonly bus: Bus;
  readonly publisher: LivePublisher;
  readonly live: Live;
  say(): Promise<void>;
  /** Edits the channel's first message. */
  edit(): Promise<void>;
}

describe.skipIf(!isRedisInstalled() && process.env.REQUIRE_SERVICES !== '1')(
  'live over a Redis that fails',
  () => {
    const organizationId = randomUUID();
    const channelId = randomUUID();
    const users = upTo(10).map((i) => `user${i}`);
    let redis: OwnRedis;
    let replicas: Replica[];
    let followers: Follower[];
    let messages = fakeStore<MessageEntry>();
    let changes = fakeStore<ChangeEntry>();

    const replica = (replicaId: string): Replica => {
      const memberships = fakeMemberships(organizationId);
      memberships.channel(channelId);
      for (const user of users) memberships.join(channelId, user);
      const bus = createRedisBus({ url: redis.url, prefix: 'live:', logger: silentLogger });
      const common = { bus, replicaId, clock: systemClock, logger: silentLogger };
      const publisher = createPublisher(common);
      const log = messages.log((key, rows) => publisher.messagesAppended(key, rows));
      const changeLog = changes.log((key, rows) => publisher.changesAppended(key, rows));
      const logs = { messages: log, changes: changeLog };
      const live = createLive({
        ...common,
        ...logs,
        ...memberships.stores,
        publisher,
        epochs: fakeEpochs(),
        isEdge: true,
      });
      const send = { sendKey: 'k', bytes: 1, searchBack: 'ONE_BUCKET', entry: messageEntry('text') } as const;
      return {
        bus,
        publisher,
        live,
        say: async () => void (await log.append({ organizationId, channelId }, send)),
        edit: async () => {
          const content = { text: 'edited', metadata: null, mentions: [] };
          const entry: ChangeEntry = { kind: 'EDITED', head: 1, actorId: 'a', userId: null, seq: 1, content };
          await changeLog.append({ organizationId, channelId }, { ...send, entry });
        },
      };
    };
    const viewer = (userId: string) => ({
      tenant: { organizationId, slug: 's', cell: 'default', epoch: 1 },
      userId,
      handle: userId,
      isAdmin: false,
      expiresAt: Number.MAX_SAFE_INTEGER,
    });
    const revs = ({ events }: Follower): number[] =>
      events.flatMap((event) =>
        event.type === 'MessageUpdated' && event.cursor !== null ? [decodeEventCursor(event.cursor).rev] : [],
      );
    const seqs = ({ events }: Follower): number[] =>
      events.flatMap((event) => (event.type === 'MessagePosted' ? [event.row.seq] : []));

    beforeEach(async () => {
      redis = await ownRedis();
      await redis.start();
      messages = fakeStore<MessageEntry>();
      changes = fakeStore<ChangeEntry>();
      replicas = [replica('a'), replica('b')];
      await until(() => expect(replicas.map((r) => r.bus.state())).toEqual(['UP', 'UP']));
      followers = await Promise.all(
        users.map(async (user, i) => {
          const options = { after: [], replayLimit: 1_000, connectionId: 'c' };
          const live = replicas[i % 2]?.live;
          if (live === undefined) throw new Error('no replica');
          return follow(await live.events(viewer(user), options));
        }),
      );
    });
    afterEach(async () => {
      for (const { live, publisher, bus } of replicas) {
        await live.close();
        await publisher.close();
        await bus.close();
      }
      await Promise.all(followers.map(({ ended }) => ended));
      await redis.stop();
    });

    /** Messages from both replicas, a few each moment, until told to stop. */
    const write = (): (() => Promise<void>) => {
      let isStopped = false;
      const writing = replicas.map(async ({ say, edit }) => {
        for (let i = 1; !isStopped; i += 1) {
          await say();
          if (i % 3 === 0) await edit();
          await sleep(10);
        }
      });
      return async () => {
        isStopped = true;
        await Promise.all(writing);
      };
    };
    const expectAll = async (): Promise<void> => {
      const head = messages.rows.get(`${organizationId}:${channelId}`)?.length ?? 0;
      const rev = changes.rows.get(`${organizationId}:${channelId}`)?.length ?? 0;
      expect(rev).toBeGreaterThan(1);
      for (const follower of followers) {
        await until(() => expect(seqs(follower).length).toBeGreaterThanOrEqual(head));
        await until(() => expect(revs(follower).length).toBeGreaterThanOrEqual(rev));
        expect(seqs(follower)).toEqual(upTo(head));
        expect(revs(follower)).toEqual(upTo(rev));
      }
    };

    test('stopped in the middle and started again', async () => {
      const stop = write();
      await sleep(300);
      await redis.stop();
      await sleep(5_000);
      await redis.start();
      await sleep(300);
      await stop();
      await expectAll();
    });

    test('stopped for good: what was sent on one replica reaches the other all the same', async () => {
      await redis.stop();
      const stop = write();
      await sleep(500);
      await stop();
      await expectAll();
    });

    test('paused, flushed, its subscribers thrown out', async () => {
      const stop = write();
      await sleep(300);
      redis.pause();
      await sleep(4_000);
      redis.resume();
      await redis.run('FLUSHALL');
      await redis.run('CLIENT', 'KILL', 'TYPE', 'pubsub');
      await sleep(300);
      await stop();
      await expectAll();
    });
  },
);
