/** A channel whose logs were sealed for a move: nobody can add to it here, and whoever listens or reads goes on. */
import { randomUUID } from 'node:crypto';
import { afterEach, expect, test } from 'vitest';
import { createChangeLog } from '../chat/changes/change-log.ts';
import { memoryLogs } from '../chat/changes/testing/memory-projections.ts';
import { systemClock } from '../chat/clock.ts';
import { createLog } from '../chat/log/create-log.ts';
import { silentLogger } from '../chat/logger.ts';
import { createLive } from './live.ts';
import { createPublisher } from './publisher.ts';
import { fakeEpochs } from './testing/fake-epochs.ts';
import { fakeMemberships } from './testing/fake-memberships.ts';
import { createNetwork } from './testing/lossy-bus.ts';
import { briefs, cursor, until } from './testing/reading.ts';
import { type Follower, follow, messageEntry, quick } from './testing/replicas.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** Real logs over the model of a store, with a bucket of four. */
function begin() {
  const organizationId = randomUUID();
  const channelId = randomUUID();
  const key = { organizationId, channelId };
  const stores = memoryLogs(4);
  const memberships = fakeMemberships(organizationId);
  memberships.channel(channelId);
  memberships.join(channelId, 'ada');
  const bus = createNetwork(Math.random).bus();
  const common = { bus, replicaId: 'r', clock: systemClock, logger: silentLogger, timings: quick };
  const publisher = createPublisher(common);
  const messages = createLog({
    ...common,
    store: stores.messages,
    onAppended: (channel, rows) => publisher.messagesAppended(channel, rows),
  });
  const changes = createChangeLog({
    ...common,
    ...stores,
    onAppended: (channel, rows) => publisher.changesAppended(channel, rows),
  });
  const live = createLive({
    ...common,
    ...memberships.stores,
    messages,
    changes,
    publisher,
    epochs: fakeEpochs(),
    isEdge: true,
  });
  closing.push(
    () => live.close(),
    () => messages.close(),
    () => changes.close(),
    () => publisher.close(),
    () => bus.close(),
  );
  const send = () => ({ sendKey: randomUUID(), bytes: 100, searchBack: 'ONE_BUCKET' as const });
  const viewer = {
    tenant: { organizationId, slug: 's', cell: 'default', epoch: 1 },
    userId: 'ada',
    handle: 'ada',
    isAdmin: false,
    expiresAt: Number.MAX_SAFE_INTEGER,
  };
  return {
    channelId,
    say: () => messages.append(key, { ...send(), entry: messageEntry('text') }),
    join: () =>
      changes.append(key, {
        ...send(),
        entry: { kind: 'MEMBER_JOINED', head: 0, actorId: 'a', userId: 'bob' },
      }),
    seal: async (seq: number, rev: number) => {
      expect(await stores.messages.seal(key, seq, 'elsewhere')).toEqual({ applied: true });
      expect(await stores.changes.seal(key, rev, 'elsewhere')).toEqual({ applied: true });
    },
    subscribe: async (...after: string[]): Promise<Follower> => {
      const options = { after, replayLimit: 1_000, connectionId: 'c' };
      const follower = follow(await live.events(viewer, options));
      closing.unshift(() => follower.stop());
      await until(() => expect(briefs(follower)).toContain('CaughtUp all'));
      return follower;
    },
    bus,
  };
}

// In the middle of a bucket, and exactly at its end: then the next one, empty, is what was sealed.
test.each([3, 4])('sealed at %i: sends are refused for now, listeners and replays go on', async (head) => {
  const { channelId, say, join, seal, subscribe, bus } = begin();
  for (let i = 0; i < head; i += 1) await say();
  for (let i = 0; i < head; i += 1) await join();
  const ada = await subscribe();
  await seal(head, head);
  for (const refused of [say(), join(), say()]) {
    await expect(refused).rejects.toMatchObject({ code: 'UNAVAILABLE', retryable: true });
  }
  // Everybody looks where the logs end, as after an interruption: that they are sealed is no reason to end anybody.
  bus.cut(true);
  bus.restore();
  const replayed = await subscribe(cursor(channelId, head - 1, head - 1));
  expect(briefs(replayed)).toEqual(['Ready', '+bob', `m${head}`, 'CaughtUp', 'CaughtUp all']);
  const fresh = await subscribe();
  expect(fresh.events.find((event) => event.type === 'Positions')).toMatchObject({
    positions: [{ channelId, cursor: cursor(channelId, head, head) }],
  });
  expect(briefs(ada)).toEqual(['Ready', 'Positions', 'CaughtUp all']);
});
