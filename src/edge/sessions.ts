/**
 * Who is signed in on one socket. Usually one person, by the connection's token; an operation may bring a token of
 * its own (GraphiQL does), and the first of those signs a socket in that had none. A token that is bad, or that
 * ends without a newer one, ends the socket; one that is bad as a renewal does not.
 */
import { bearerToken } from '../auth/bearer.ts';
import type { Viewers } from '../auth/viewers.ts';
import type { Clock } from '../chat/clock.ts';
import type { ConnectionRegistry, HeldConnection, Person } from '../chat/connections/port.ts';
import { ChatError, forbidden, notFound, rateLimited, unauthenticated } from '../chat/errors.ts';
import type { ConnectionWatch } from '../chat/presence/port.ts';
import type { Viewer } from '../chat/viewer.ts';
import { closeReasons } from './close-codes.ts';
import type { ConnectionCount } from './connection-count.ts';
import type { EdgeSocket } from './socket.ts';
import { TokenEnd, type TokenEndListener } from './token-end.ts';

/** People on one socket. */
const MAX_PEOPLE = 8;

interface Session {
  readonly viewer: Viewer;
  readonly token: string;
}

/** The same for all sockets. */
export interface SessionPorts {
  readonly viewers: Viewers;
  readonly connections: ConnectionCount;
  readonly registry: ConnectionRegistry;
  /** Told who is there: presence comes from connections. */
  readonly people?: ConnectionWatch;
  readonly clock: Clock;
}

export class Sessions implements HeldConnection, TokenEndListener {
  /** Names the socket: `Ready.connectionId`. */
  readonly connectionId: string;
  readonly #socket: EdgeSocket;
  readonly #ports: SessionPorts;
  /** Few, usually one: a list as long as it must be is less than a map. */
  #people: readonly Session[] = [];
  /** Of the operations that bring no token. */
  #defaultToken: string | null = null;
  readonly #tokenEnd: TokenEnd;

  constructor(socket: EdgeSocket, ports: SessionPorts) {
    this.#socket = socket;
    this.#ports = ports;
    const { registry, clock } = ports;
    this.connectionId = registry.newId();
    this.#tokenEnd = new TokenEnd(clock, this);
    const letGo = registry.hold(this);
    socket.onEnd(() => {
      letGo();
      this.#end();
    });
  }

  /** Everybody who is signed in here. */
  get viewers(): readonly Viewer[] {
    return this.#people.map((session) => session.viewer);
  }

  isNear(): void {
    this.#ports.registry.expiring(this);
  }

  isHere(): void {
    this.#socket.close(closeReasons.tokenExpired);
  }

  get expiring(): Date | null {
    return this.#tokenEnd.near;
  }

  /**
   * Who an operation runs as; null without any token. Asks anew each time, so that whoever was shut out is found.
   * Throws ChatError, or rejects with it; when that says who the caller is not, the socket has been told to close.
   */
  viewerOf(ownToken: string | null): Viewer | null | Promise<Viewer | null> {
    const token = ownToken ?? this.#defaultToken;
    if (token === null) return null;
    let viewer: Viewer | Promise<Viewer>;
    try {
      viewer = this.#ports.viewers.of(token);
    } catch (error) {
      this.#refuse(error, token);
      throw error;
    }
    return viewer instanceof Promise ? this.#awaited(viewer, token) : this.#admitted(viewer, token);
  }

  async #awaited(lookup: Promise<Viewer>, token: string): Promise<Viewer> {
    let viewer: Viewer;
    try {
      viewer = await lookup;
    } catch (error) {
      this.#refuse(error, token);
      throw error;
    }
    return this.#admitted(viewer, token);
  }

  #refuse(error: unknown, token: string): void {
    if (error instanceof ChatError && (error.code === 'UNAUTHENTICATED' || error.code === 'FORBIDDEN')) {
      this.#socket.close(this.#hasEnded(token) ? closeReasons.tokenExpired : closeReasons.unauthorized);
    }
  }

  /** One that signed somebody in here. Operations may find that out before the timer: timers stand still in sleep. */
  #hasEnded(token: string): boolean {
    const session = this.#people.find((one) => one.token === token);
    return session !== undefined && session.viewer.expiresAt <= this.#ports.clock.now();
  }

  #admitted(viewer: Viewer, token: string): Viewer {
    // The socket may have closed meanwhile: then nobody is counted in, for nobody would be counted out.
    if (!this.#socket.isClosing) this.#admit(viewer, token);
    return viewer;
  }

  /** A new token in the place of a person's present one, also one that ends sooner. Nothing here ends the socket. */
  async renew(person: Person, bearer: string): Promise<Date> {
    this.#signedIn(person);
    const token = bearerToken(bearer);
    if (token === null) throw unauthenticated('Renewing takes a new token.');
    const viewer = await this.#ports.viewers.of(token);
    const isSame = viewer.userId === person.userId && viewer.tenant.organizationId === person.organizationId;
    if (!isSame) throw forbidden("This token is somebody else's: a connection is renewed by its own person.");
    // Of which requests are still answered, for clocks that differ; it would end the socket here and now.
    if (viewer.expiresAt <= this.#ports.clock.now()) throw unauthenticated('The token has expired.');
    // It may have closed while the token was looked at.
    this.#replace(this.#signedIn(person), viewer, token);
    return new Date(viewer.expiresAt);
  }

  #signedIn({ organizationId, userId }: Person): Session {
    const session = this.#of(userId);
    if (session?.viewer.tenant.organizationId !== organizationId) throw notFound('The connection');
    return session;
  }

  #admit(viewer: Viewer, token: string): void {
    const known = this.#of(viewer.userId);
    if (known !== undefined) {
      // A newer token of the same person takes the older one's place.
      if (known.viewer.expiresAt < viewer.expiresAt) this.#replace(known, viewer, token);
      return;
    }
    if (this.#people.length >= MAX_PEOPLE) throw rateLimited('Too many people on one socket.', 60_000);
    if (!this.#ports.connections.enter(viewer)) {
      this.#socket.close(closeReasons.tooManyConnections);
      throw rateLimited('You hold too many connections.', 60_000);
    }
    this.#defaultToken ??= token;
    this.#people = this.#people.concat({ viewer, token });
    this.#ports.people?.came(personOf(viewer), this.connectionId);
    this.#watchEnd();
  }

  /** For the operations that bring no token too. */
  #replace(known: Session, viewer: Viewer, token: string): void {
    if (known.token === this.#defaultToken) this.#defaultToken = token;
    this.#people = this.#people.map((session) => (session === known ? { viewer, token } : session));
    this.#watchEnd();
  }

  #of(userId: string): Session | undefined {
    return this.#people.find(({ viewer }) => viewer.userId === userId);
  }

  /** The socket ends with the first token that does. */
  #watchEnd(): void {
    this.#tokenEnd.set(Math.min(...this.#people.map(({ viewer }) => viewer.expiresAt)));
  }

  #end(): void {
    this.#tokenEnd.close();
    for (const { viewer } of this.#people) {
      this.#ports.connections.leave(viewer);
      this.#ports.people?.went(personOf(viewer), this.connectionId);
    }
    this.#people = [];
  }
}

const personOf = ({ tenant, userId }: Viewer): Person => ({ organizationId: tenant.organizationId, userId });
