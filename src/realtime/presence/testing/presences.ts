/** Some replicas' presence over one test network and one store; and what a watcher was told. */
import { randomUUID } from 'node:crypto';
import { systemClock } from '../../../chat/clock.ts';
import type { Person } from '../../../chat/connections/port.ts';
import type { EventFeed } from '../../../chat/live/port.ts';
import { silentLogger } from '../../../chat/logger.ts';
import type { User } from '../../../chat/people/port.ts';
import type { Presence, PresenceChange } from '../../../chat/presence/port.ts';
import { CallCounter } from '../../../chat/testing/count-calls.ts';
import { type Outage, outageOf } from '../../../chat/testing/outage.ts';
import type { EphemeralStore } from '../../ephemeral-store.ts';
import { createInProcessStore } from '../../in-process/ephemeral-store.ts';
import { chanceOf, createNetwork, type TestBus } from '../../testing/lossy-bus.ts';
import { createPresence, type ReplicaPresence } from '../presence.ts';
import type { PresenceTimings } from '../timings.ts';

export interface TestReplica extends ReplicaPresence {
  readonly bus: TestBus;
  readonly store: Outage<EphemeralStore>;
  readonly calls: CallCounter;
  /** As `kill -9`: nothing is written or heard any more. */
  kill(): void;
}

export interface Presences {
  replica(timings?: Partial<PresenceTimings>): TestReplica;
  user(name: string): User;
  close(): Promise<void>;
}

/** @param open a store for each replica; without it one in the process for all. */
export function presences(open?: () => EphemeralStore): Presences {
  const network = createNetwork(chanceOf(1));
  const organizationId = randomUUID();
  const common = open === undefined ? createInProcessStore({ clock: systemClock }) : null;
  const replicas: TestReplica[] = [];
  const stores: EphemeralStore[] = common === null ? [] : [common];
  return {
    replica(timings = {}) {
      const bus = network.bus();
      const calls = new CallCounter();
      const own = common ?? open?.();
      if (own === undefined) throw new Error('no store');
      if (common === null) stores.push(own);
      const store = outageOf(calls.watch('store', own), 'ephemeral store');
      const options = { bus, store: store.port, replicaId: `r${replicas.length}`, logger: silentLogger };
      const presence = createPresence({ ...options, timings });
      const replica: TestReplica = {
        ...presence,
        bus,
        store,
        calls,
        kill() {
          store.isAway = true;
          bus.cut(false);
        },
      };
      replicas.push(replica);
      return replica;
    },
    user: (name) => ({
      id: name,
      organizationId,
      subject: name,
      handle: name,
      name,
      avatarUrl: null,
      isBot: false,
      deactivatedAt: null,
    }),
    async close() {
      await Promise.all(replicas.map((replica) => replica.close()));
      await Promise.all(replicas.map(({ bus }) => bus.close()));
      await Promise.all(stores.map((store) => store.close()));
    },
  };
}

export const personOf = ({ organizationId, id }: User): Person => ({ organizationId, userId: id });

/** What a subscription gave so far, as `name presence`; taken in the background until it ends. */
export interface Watcher {
  readonly told: string[];
  /** Of each, the newest that was told. */
  readonly now: ReadonlyMap<string, Presence>;
  readonly ended: Promise<unknown>;
  stop(): Promise<void>;
}

export function watcherOf(feed: EventFeed<PresenceChange>): Watcher {
  const told: string[] = [];
  const now = new Map<string, Presence>();
  const run = async (): Promise<unknown> => {
    try {
      for await (const { userId, presence } of feed) {
        told.push(`${userId} ${presence}`);
        now.set(userId, presence);
      }
      return null;
    } catch (error) {
      return error;
    }
  };
  const ended = run();
  return {
    told,
    now,
    ended,
    async stop() {
      await feed.return?.();
      await ended;
    },
  };
}
