/** Some replicas of one installation over one test network, one shared log and one shared Postgres, all in memory. */
import { randomUUID } from 'node:crypto';
import { systemClock } from '../../chat/clock.ts';
import type { LiveEvent } from '../../chat/live/port.ts';
import type { ChangeEntry, ChangeKind, MessageEntry } from '../../chat/log/entries.ts';
import type { Log } from '../../chat/log/log.ts';
import type { LogRow } from '../../chat/log/port.ts';
import { type Logger, silentLogger } from '../../chat/logger.ts';
import type { Viewer } from '../../chat/viewer.ts';
import { Lease } from '../lease.ts';
import { createLive } from '../live.ts';
import type { Live } from '../live-parts.ts';
import { createPublisher, type LivePublisher } from '../publisher.ts';
import type { Retained } from '../retained.ts';
import type { Bounds, Timings } from '../timings.ts';
import { channelName } from '../topic-names.ts';
import { type FakeEpochs, fakeEpochs } from './fake-epochs.ts';
import { type FakeLeases, fakeLeases } from './fake-leases.ts';
import { type FakeStore, fakeStore } from './fake-log.ts';
import { type FakeMemberships, fakeMemberships } from './fake-memberships.ts';
import { chanceOf, createNetwork, type Faults, type Network, type TestBus } from './lossy-bus.ts';
import { projected } from './project.ts';

export const quick: Timings = {
  beatMs: 20,
  silentMs: 60,
  goneMs: 400,
  routineMs: 60_000,
  interruptedMs: 40,
  lingerMs: 20,
  joinMs: 100,
  leaseMs: 400,
  leaseMarginMs: 20,
  renewMs: 60,
  renewSoonMs: 20,
  revokeMs: 400,
  revokeLookMs: 10,
  revokeAgainMs: 20,
  threadMs: 50,
  signalMs: 20,
  keptReadMs: 100,
  retryMs: 2,
  retryMaxMs: 20,
};

export interface Replica {
  readonly id: string;
  readonly bus: TestBus;
  readonly publisher: LivePublisher;
  readonly live: Live;
  /** Null of a replica that is no edge. */
  readonly lease: Lease | null;
  readonly epochs: FakeEpochs;
  readonly messages: Log<MessageEntry>;
  readonly changes: Log<ChangeEntry>;
  say(channelId: string, text?: string): Promise<LogRow<MessageEntry>>;
  note(channelId: string, kind: ChangeKind, userId?: string): Promise<LogRow<ChangeEntry>>;
  /** A change of one message, in effect on its row before anybody is told. */
  alter(
    channelId: string,
    seq: number,
    change: Partial<ChangeEntry> & Pick<ChangeEntry, 'kind'>,
  ): Promise<LogRow<ChangeEntry>>;
}

export interface Installation {
  readonly organizationId: string;
  readonly chance: () => number;
  readonly network: Network;
  readonly messages: FakeStore<MessageEntry>;
  readonly changes: FakeStore<ChangeEntry>;
  readonly memberships: FakeMemberships;
  readonly leases: FakeLeases;
  replica(options?: { isEdge?: boolean; retained?: Retained }): Replica;
  viewer(userId: string, epoch?: number): Viewer;
  /** A channel that did not exist, with these members. */
  channel(...userIds: string[]): string;
  close(): Promise<void>;
}

export interface InstallationOptions {
  readonly seed?: number;
  readonly faults?: Partial<Faults>;
  readonly timings?: Partial<Timings>;
  readonly bounds?: Partial<Bounds>;
  readonly logger?: Logger;
}

export const messageEntry = (text: string): MessageEntry => ({
  authorId: 'author',
  clientMessageId: 'client',
  text,
  metadata: null,
  mentions: [],
});

export function installation(options: InstallationOptions = {}): Installation {
  const organizationId = randomUUID();
  const chance = chanceOf(options.seed ?? 1);
  const network = createNetwork(chance, options.faults);
  const messages = fakeStore<MessageEntry>(chance);
  const changes = fakeStore<ChangeEntry>(chance);
  const put = changes.put;
  changes.put = (channel, entry) => {
    const row = put(channel, entry);
    const rows = messages.rows.get(channelName(channel)) ?? [];
    const message = rows[(entry.seq ?? 0) - 1];
    if (message !== undefined) rows[message.seq - 1] = projected(message, row);
    return row;
  };
  const leases = fakeLeases();
  const memberships = fakeMemberships(organizationId, leases.commit);
  const replicas: Replica[] = [];
  const timings = { ...quick, ...options.timings };
  const bounds = options.bounds ?? {};
  const logger = options.logger ?? silentLogger;
  const send = { sendKey: 'key', bytes: 100, searchBack: 'ONE_BUCKET' } as const;

  return {
    organizationId,
    chance,
    network,
    messages,
    changes,
    memberships,
    leases,
    viewer: (userId, epoch = 1) => ({
      tenant: { organizationId, slug: 'test', cell: 'default', epoch },
      userId,
      handle: userId,
      isAdmin: false,
      expiresAt: Number.MAX_SAFE_INTEGER,
    }),
    channel(...userIds) {
      const id = randomUUID();
      memberships.channel(id);
      for (const userId of userIds) memberships.join(id, userId);
      return id;
    },
    replica({ isEdge = true, retained } = {}) {
      const id = `replica-${replicas.length + 1}`;
      const bus = network.bus();
      const common = { bus, replicaId: id, clock: systemClock, logger, timings, bounds };
      const publisher = createPublisher({ ...common, leases: leases.store });
      const messageLog = messages.log((channel, rows) => publisher.messagesAppended(channel, rows));
      const changeLog = changes.log((channel, rows) => publisher.changesAppended(channel, rows));
      const logs = { messages: messageLog, changes: changeLog };
      const epochs = fakeEpochs();
      const lease = isEdge
        ? new Lease({
            ...common,
            store: leases.store,
            edgeId: id,
            carryOut: (revocation) => publisher.carryOut(revocation),
            onUnknown: () => live.resumeAll(),
            isTold: () => bus.state() === 'UP',
            timings,
          })
        : null;
      const live = createLive({
        ...common,
        ...logs,
        ...memberships.stores,
        publisher,
        epochs,
        isEdge,
        ...(lease === null ? {} : { delivery: lease }),
        ...(retained === undefined ? {} : { retained }),
      });
      // Only microtasks away with these leases: over before any subscription is asked for.
      void lease?.start();
      const key = (channelId: string) => ({ organizationId, channelId });
      const replica: Replica = {
        id,
        bus,
        publisher,
        live,
        lease,
        epochs,
        ...logs,
        async say(channelId, text = 'text') {
          return (await messageLog.append(key(channelId), { ...send, entry: messageEntry(text) })).row;
        },
        async note(channelId, kind, userId) {
          const [head = 0] = await messageLog.heads([key(channelId)]);
          const entry: ChangeEntry = { kind, head, actorId: 'actor', userId: userId ?? null };
          return (await changeLog.append(key(channelId), { ...send, entry })).row;
        },
        async alter(channelId, seq, change) {
          const [head = 0] = await messageLog.heads([key(channelId)]);
          const entry: ChangeEntry = { head, actorId: 'actor', userId: null, seq, ...change };
          return (await changeLog.append(key(channelId), { ...send, entry })).row;
        },
      };
      replicas.push(replica);
      return replica;
    },
    async close() {
      leases.isDown = false;
      for (const { live, lease, publisher, bus } of replicas) {
        await lease?.close();
        await live.close();
        await publisher.close();
        await bus.close();
      }
    },
  };
}

/** What a subscription gave so far; it is taken in the background until it ends. */
export interface Follower {
  readonly events: LiveEvent[];
  /** Resolves when the subscription has ended, with its error or null. */
  readonly ended: Promise<unknown>;
  stop(): Promise<void>;
}

export function follow(iterator: AsyncIterableIterator<LiveEvent>): Follower {
  const events: LiveEvent[] = [];
  const run = async (): Promise<unknown> => {
    try {
      for await (const event of iterator) events.push(event);
      return null;
    } catch (error) {
      return error;
    }
  };
  const ended = run();
  return {
    events,
    ended,
    async stop() {
      await iterator.return?.();
      await ended;
    },
  };
}
