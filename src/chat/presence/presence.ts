/** Presence as resolvers ask for it: of people of the viewer's organization, and nobody else's. */
import { badInput, rateLimited } from '../errors.ts';
import { limits } from '../limits.ts';
import type { EventFeed } from '../live/port.ts';
import type { Ports } from '../ports.ts';
import { Rate } from '../signals/rate.ts';
import type { Viewer } from '../viewer.ts';
import type { Presence, PresenceChange } from './port.ts';

export interface PresenceService {
  /** Of people of the viewer's organization, in the order asked. Never rejects. */
  of(viewer: Viewer, userIds: readonly string[]): Promise<readonly Presence[]>;
  /**
   * What the viewer says of themselves: of this connection, or (null) of all they hold. False when not everybody
   * concerned could be told. Rejects with RATE_LIMITED.
   */
  set(viewer: Viewer, presence: Presence, connectionId: string | null): Promise<boolean>;
  /**
   * The present state of each of these people, then changes. Whoever is not of the organization is passed over. Throws
   * BAD_USER_INPUT for more than 500.
   */
  watch(viewer: Viewer, userIds: readonly string[]): Promise<EventFeed<PresenceChange>>;
}

/** Of one person: every server is told of what they say of all their connections. */
const SAID_A_SECOND = 20;
const PEOPLE = 50_000;

interface PresencePorts {
  readonly presence: Ports['presence'];
  readonly users: Pick<Ports['users'], 'byIds'>;
}

/** @param now of the rate: milliseconds, never running backwards. */
export function createPresenceService(
  { presence, users }: PresencePorts,
  now: () => number = () => performance.now(),
): PresenceService {
  const saying = new Rate({ burst: SAID_A_SECOND, perMs: 1_000, most: PEOPLE, now });
  return {
    of: (viewer, userIds) => presence.of(viewer.tenant.organizationId, userIds),

    async set({ tenant: { organizationId }, userId }, state, connectionId) {
      const wait = saying.take(`${organizationId}/${userId}`);
      if (wait > 0) throw rateLimited(`At most ${SAID_A_SECOND} times a second.`, wait);
      return presence.say({ organizationId, userId }, state, connectionId);
    },

    async watch({ tenant }, userIds) {
      const ids = [...new Set(userIds)];
      if (ids.length > limits.presencePeople) {
        throw badInput(`At most ${limits.presencePeople} people can be watched by one subscription.`);
      }
      const found = ids.length === 0 ? [] : await users.byIds(tenant.organizationId, ids);
      const byId = new Map(found.map((user) => [user.id, user]));
      return presence.watch(ids.flatMap((id) => byId.get(id) ?? []));
    },
  };
}
