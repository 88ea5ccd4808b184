/** Presence of a replica, put together: who is connected here, what the store knows of all, and who watches. */
import type { Person } from '../../chat/connections/port.ts';
import type { Logger } from '../../chat/logger.ts';
import type { ConnectionWatch, Presence, PresencePort } from '../../chat/presence/port.ts';
import type { Bus } from '../bus.ts';
import type { EphemeralStore } from '../ephemeral-store.ts';
import { isFrom } from '../publication.ts';
import { presenceSaidTopic, presenceTopicOf, userName } from '../topic-names.ts';
import { Topics } from '../topics.ts';
import { Connected } from './connected.ts';
import { saidPresence } from './publications.ts';
import { combined } from './state.ts';
import { type PresenceTimings, presenceTimings } from './timings.ts';
import { WatchedPeople } from './watched.ts';
import { Written } from './written.ts';

export interface PresenceStats {
  /** People connected here, those in their grace included. */
  readonly connected: number;
  readonly watched: number;
  readonly subscriptions: number;
  /** Bus topics joined for them, lingering ones included. */
  readonly topics: number;
  /** Publications dropped because of their shape. */
  readonly rejected: number;
}

export interface ReplicaPresence extends PresencePort {
  /** For the edge. */
  readonly connections: ConnectionWatch;
  stats(): PresenceStats;
  /** Ends all subscriptions; people who were connected here are gone when their grace ends. */
  close(): Promise<void>;
}

export interface PresenceOptions {
  readonly bus: Bus;
  readonly store: EphemeralStore;
  readonly replicaId: string;
  readonly logger: Logger;
  readonly timings?: Partial<PresenceTimings>;
}

/** Starts its timers: whoever makes it closes it, before the bus and the store. */
export function createPresence(options: PresenceOptions): ReplicaPresence {
  const { bus, store, replicaId, logger } = options;
  const timings = { ...presenceTimings, ...options.timings };
  const topics = new Topics(bus, timings.lingerMs);
  const connected = new Connected({
    graceMs: timings.graceMs,
    onChanged: (person) => written.changed(person),
  });

  /** False when the bus did not take it. */
  const publish = async (topic: string, payload: object): Promise<boolean> => {
    try {
      await bus.publish(topic, { from: replicaId, ...payload });
      return true;
    } catch (error) {
      logger.debug({ err: error, topic }, 'Presence was not told; watchers look by themselves.');
      return false;
    }
  };

  const written = new Written({
    store,
    replicaId,
    connected,
    timings,
    logger,
    tell: (name, presence) => void publish(presenceTopicOf(name), { presence }),
  });
  const watched = new WatchedPeople({ topics, store, timings, logger });
  let rejected = 0;

  const said = bus.subscribe(presenceSaidTopic, (payload) => {
    if (isFrom(replicaId, payload)) return;
    const parsed = saidPresence.safeParse(payload);
    if (parsed.success) connected.say(parsed.data, parsed.data.presence, null);
    else rejected += 1;
  });
  const stopListening = bus.onRestored(() => {
    written.refresh();
    watched.look();
  });

  async function say(person: Person, presence: Presence, connectionId: string | null): Promise<boolean> {
    const isHere = connected.say(person, presence, connectionId);
    if (connectionId !== null) return isHere;
    const { organizationId, userId } = person;
    return publish(presenceSaidTopic, { organizationId, userId, presence });
  }

  return {
    connections: connected,
    say,

    async of(organizationId, userIds) {
      const nobody = userIds.map((): Presence => 'OFFLINE');
      // It would be waited for in vain.
      if (userIds.length === 0 || bus.state() === 'DOWN') return nobody;
      try {
        const found = await store.presence(userIds.map((userId) => userName({ organizationId, userId })));
        return found.map((entries) => combined(entries.map(({ presence }) => presence)));
      } catch (error) {
        logger.debug({ err: error }, 'Presence cannot be told.');
        return nobody;
      }
    },

    watch: (users) => watched.watch(users),

    stats: () => ({
      connected: connected.size,
      watched: watched.size,
      subscriptions: watched.subscriptions,
      topics: topics.size,
      rejected: rejected + watched.rejected,
    }),

    async close() {
      stopListening();
      said.leave();
      watched.close();
      topics.close();
      connected.close();
      await written.close();
    },
  };
}
