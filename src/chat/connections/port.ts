/**
 * The sockets that people hold, as the domain knows them: each lives as long as the token that it was opened with,
 * which can be renewed from anywhere, also from another replica.
 */
import type { Viewer } from '../viewer.ts';

/** A person of an organization. */
export interface Person {
  readonly organizationId: string;
  readonly userId: string;
}

export interface Connections {
  /**
   * Puts a new token in the place of the viewer's present one on a connection, and returns when that ends. The
   * connection is unharmed by whatever is wrong. Throws NOT_FOUND alike for a connection that there is not and for one
   * that the viewer is not signed in on, UNAUTHENTICATED for a bad token, FORBIDDEN for somebody else's, UNAVAILABLE.
   */
  renew(viewer: Viewer, connectionId: string, token: string): Promise<Date>;
}

/** A connection, as whoever holds it here answers for it. */
export interface HeldConnection {
  readonly connectionId: string;
  /** When the first of its tokens ends, once that is near. */
  readonly expiring: Date | null;
  /** As `Connections.renew`. */
  renew(person: Person, token: string): Promise<Date>;
}

/** The connections that are held here, for those who hold them and those who tell them things. */
export interface ConnectionRegistry extends Connections {
  /** Names a connection that is to be held here; the name says where. */
  newId(): string;
  /** Renewals find it from now on, until what is returned is called. */
  hold(connection: HeldConnection): () => void;
  /** Its token's end is near, or is another than was told: whoever follows it is told `expiring`. */
  expiring(connection: HeldConnection): void;
  /**
   * Told synchronously when the connection's token ends soon, now if it does already. Returns what ends the
   * listening. A connection that is not held here tells nothing.
   */
  follow(connectionId: string, listener: (expiresAt: Date) => void): () => void;
}
