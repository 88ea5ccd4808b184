/**
 * Who is signed in on one socket. Usually one person, by the connection's token; an operation may bring a token of
 * its own (GraphiQL does), and the first of those signs a socket in that had none. A token that is bad, or that
 * ends without a newer one, ends the socket.
 */
import { randomUUID } from 'node:crypto';
import type { Viewers } from '../auth/viewers.ts';
import type { Clock } from '../chat/clock.ts';
import { ChatError, rateLimited } from '../chat/errors.ts';
import type { Viewer } from '../chat/viewer.ts';
import { closeReasons } from './close-codes.ts';
import type { ConnectionCount } from './connection-count.ts';
import type { EdgeSocket } from './socket.ts';

/** People on one socket. */
const MAX_PEOPLE = 8;
/** The longest time that a timer can be set for. */
const MAX_TIMER_MS = 2 ** 31 - 1;

interface Session {
  readonly viewer: Viewer;
  readonly token: string;
}

export interface SessionPorts {
  readonly socket: EdgeSocket;
  readonly viewers: Viewers;
  readonly connections: ConnectionCount;
  readonly clock: Clock;
}

export class Sessions {
  /** Names the socket: `Ready.connectionId`. */
  readonly connectionId = randomUUID();
  readonly #ports: SessionPorts;
  readonly #people = new Map<string, Session>();
  /** Of the operations that bring no token. */
  #defaultToken: string | null = null;
  #expiry: NodeJS.Timeout | undefined;

  constructor(ports: SessionPorts) {
    this.#ports = ports;
    ports.socket.onEnd(() => this.#end());
  }

  /** Everybody who is signed in here. */
  get viewers(): readonly Viewer[] {
    return [...this.#people.values()].map((session) => session.viewer);
  }

  /**
   * Who an operation runs as; null without any token. Asks anew each time, so that whoever was shut out is found.
   * Throws ChatError; when that says who the caller is not, the socket has been told to close.
   */
  async viewerOf(ownToken: string | null): Promise<Viewer | null> {
    const token = ownToken ?? this.#defaultToken;
    if (token === null) return null;
    const { socket, viewers } = this.#ports;
    let viewer: Viewer;
    try {
      viewer = await viewers.of(token);
    } catch (error) {
      if (error instanceof ChatError && (error.code === 'UNAUTHENTICATED' || error.code === 'FORBIDDEN')) {
        socket.close(closeReasons.unauthorized);
      }
      throw error;
    }
    // The socket may have closed meanwhile: then nobody is counted in, for nobody would be counted out.
    if (!socket.isClosing) this.#admit(viewer, token);
    return viewer;
  }

  #admit(viewer: Viewer, token: string): void {
    const known = this.#people.get(viewer.userId);
    if (known === undefined) {
      if (this.#people.size >= MAX_PEOPLE) throw rateLimited('Too many people on one socket.', 60_000);
      if (!this.#ports.connections.enter(viewer)) {
        this.#ports.socket.close(closeReasons.tooManyConnections);
        throw rateLimited('You hold too many connections.', 60_000);
      }
    }
    this.#defaultToken ??= token;
    if (known !== undefined && known.viewer.expiresAt >= viewer.expiresAt) return;
    // A newer token of the same person takes the older one's place, for the operations without one too.
    if (known !== undefined && known.token === this.#defaultToken) this.#defaultToken = token;
    this.#people.set(viewer.userId, { viewer, token });
    this.#watchExpiry();
  }

  #watchExpiry(): void {
    clearTimeout(this.#expiry);
    const first = Math.min(...[...this.#people.values()].map(({ viewer }) => viewer.expiresAt));
    const wait = first - this.#ports.clock.now();
    this.#expiry = setTimeout(
      () => {
        if (this.#ports.clock.now() >= first) this.#ports.socket.close(closeReasons.tokenExpired);
        else this.#watchExpiry();
      },
      Math.min(Math.max(wait, 0), MAX_TIMER_MS),
    );
  }

  #end(): void {
    clearTimeout(this.#expiry);
    for (const { viewer } of this.#people.values()) this.#ports.connections.leave(viewer);
    this.#people.clear();
  }
}
