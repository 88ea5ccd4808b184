/** Who is there, as the domain, the resolvers and the edge see it; src/realtime/presence implements all of it. */
import type { Person } from '../connections/port.ts';
import type { EventFeed } from '../live/port.ts';
import type { User } from '../people/port.ts';

export type Presence = 'ACTIVE' | 'AWAY' | 'OFFLINE';

/** What a `presence` subscription yields: the same object for all who are told of the same change. */
export interface PresenceChange {
  readonly userId: string;
  readonly presence: Presence;
  /** As they were when somebody last began to watch them. */
  readonly user: User;
  /** They were read just now, with everybody else of a subscription that begins. */
  readonly isFresh: boolean;
}

/** Told by the edge of every WebSocket connection of a signed-in person. Neither throws; each `came` has one `went`. */
export interface ConnectionWatch {
  came(person: Person, connectionId: string): void;
  went(person: Person, connectionId: string): void;
}

/** Nobody asks who is there. */
export const unwatched: ConnectionWatch = { came: () => undefined, went: () => undefined };

export interface PresencePort {
  /** In the order asked. Never rejects and answers soon: OFFLINE when it cannot be told. */
  of(organizationId: string, userIds: readonly string[]): Promise<readonly Presence[]>;
  /**
   * What a person says of themselves, on one connection or (null) on all of theirs, wherever those are. False when
   * not everybody concerned could be told: no such connection here, or the bus is down.
   */
  say(person: Person, presence: Presence, connectionId: string | null): Promise<boolean>;
  /** The present state of each first, then changes; of each person only the newest waits. */
  watch(users: readonly User[]): EventFeed<PresenceChange>;
}
