/** The WebSocket side of the server: takes upgraded connections, keeps them in bounds, and lets them go. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { WebSocket as SpokenSocket } from 'graphql-ws';
import { WebSocketServer } from 'ws';
import type { Viewers } from '../auth/viewers.ts';
import type { Clock } from '../chat/clock.ts';
import type { ConnectionRegistry } from '../chat/connections/port.ts';
import { limits } from '../chat/limits.ts';
import { alwaysOpen, type DeliveryGate } from '../chat/live/port.ts';
import type { Logger } from '../chat/logger.ts';
import { type ConnectionWatch, unwatched } from '../chat/presence/port.ts';
import type { Operations } from '../operation/operations.ts';
import { type CloseKind, closeKindOf, closeKinds, closeReasons } from './close-codes.ts';
import type { ConnectionCount } from './connection-count.ts';
import { Drain } from './drain.ts';
import { Flusher } from './flusher.ts';
import { Incoming, type Receive } from './incoming.ts';
import { PingWheel } from './ping-wheel.ts';
import { createProtocol, type Extra } from './protocol.ts';
import { refuseUpgrade } from './refuse-upgrade.ts';
import { Sessions } from './sessions.ts';
import { type Person, shutOut } from './shut-out.ts';
import { answerSingle } from './single-answer.ts';
import {
  defaultBounds,
  defaultTimings,
  EdgeSocket,
  type SocketBounds,
  type SocketPorts,
  type SocketTimings,
} from './socket.ts';

const PROTOCOL = 'graphql-transport-ws';

export interface EdgePorts {
  readonly operations: Operations;
  readonly viewers: Viewers;
  /** Shared with the event streams over HTTP. */
  readonly connections: ConnectionCount;
  /** Where renewals find each socket. */
  readonly registry: ConnectionRegistry;
  /** Told of every connection of everybody who is signed in. */
  readonly people?: ConnectionWatch;
  /** Asked before events are sent; always open when left out. */
  readonly gate?: DeliveryGate;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly timings?: SocketTimings;
  readonly bounds?: SocketBounds;
}

export interface EdgeStats {
  /** Events handed to sockets since the edge was made, each for each of its subscribers. */
  readonly delivered: number;
  /** Bytes that wait for clients now, in all sockets. */
  readonly waitingBytes: number;
  /** Sockets that were closed since then. */
  readonly closed: ReadonlyMap<CloseKind, number>;
}

export interface Edge {
  /** Takes over a request that asks for an upgrade to WebSocket. @param address whose it is, where that is known. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, address?: string | null): void;
  /** Sockets open now. */
  readonly size: number;
  stats(): EdgeStats;
  /** Closes the person's sockets with 4401; resolves when none of them is left, nor about to open. Never rejects. */
  shutOut(person: Person): Promise<void>;
  /** Closes every socket with 1013 `resume`: what is known of their people may be out of date. */
  resumeAll(): void;
  /**
   * Takes no more sockets and, after some moments in which balancers and the other servers notice, closes those there
   * are with 1012 `restarting`, evenly over the rest of this time. Resolves when none is left; at its end at the latest.
   */
  drain(overMs: number): Promise<void>;
  /** Closes every socket with 1012 `restarting` and waits until they are closed. */
  close(): Promise<void>;
}

export function createEdge(ports: EdgePorts): Edge {
  const {
    operations,
    viewers,
    connections,
    registry,
    people = unwatched,
    gate = alwaysOpen,
    clock,
    logger,
    timings = defaultTimings,
    bounds = defaultBounds,
  } = ports;
  const protocol = createProtocol(operations, logger);
  const open = new Map<EdgeSocket, Extra>();
  const flusher = new Flusher(gate);
  const pings = new PingWheel(timings.pingMs);
  const shared: SocketPorts = {
    flusher,
    pings,
    timings,
    bounds,
    onBroken: (error) => logger.debug({ err: error }, 'a socket broke'),
    onGone: (socket) => open.delete(socket),
  };
  const ofEverySocket = { viewers, connections, registry, people, clock };
  const closed = new Map<CloseKind, number>(closeKinds.map((kind) => [kind, 0]));
  let isClosed = false;
  let draining: Drain | null = null;
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: limits.frameBytes,
    perMessageDeflate: false,
    // Without it the client is told by graphql-ws, with 4406.
    handleProtocols: (offered) => (offered.has(PROTOCOL) ? PROTOCOL : false),
  });

  function accept(socket: EdgeSocket, address: string | null): void {
    const sessions = new Sessions(socket, ofEverySocket);
    const incoming = new Incoming(socket, logger);
    const extra: Extra = { socket, sessions, incoming, address, connection: null };
    open.set(socket, extra);
    const opened = protocol.opened(new Spoken(socket, incoming), extra);
    incoming.onOperation((message, asking) => answerSingle(operations, extra, message, asking));
    socket.onText((text) => incoming.read(text));
    socket.onEnd(({ code, reason }) => {
      const kind = closeKindOf({ code, reason });
      closed.set(kind, (closed.get(kind) ?? 0) + 1);
      // Ends every operation of the socket.
      opened(code, reason).catch((error: unknown) => {
        logger.error({ err: error }, 'the operations of a closed socket did not end cleanly');
      });
    });
  }

  return {
    upgrade: (request, raw, head, address = null) => {
      if (isClosed) return void raw.destroy();
      // A balancer tries another server with such a request; a client comes back after its back-off.
      if (draining !== null) return refuseUpgrade(raw, '503 Service Unavailable');
      server.handleUpgrade(request, raw, head, (ws) => accept(new EdgeSocket(ws, raw, shared), address));
    },
    get size() {
      return open.size;
    },
    stats: () => ({
      delivered: flusher.delivered,
      waitingBytes: open.keys().reduce((sum, { outgoing }) => sum + outgoing.waitingBytes, 0),
      closed,
    }),
    shutOut: (person) => shutOut(open, person),
    resumeAll: () => {
      for (const socket of open.keys()) socket.close(closeReasons.resume);
    },
    drain: (overMs) => {
      draining ??= new Drain(open, overMs);
      return draining.done;
    },
    close: async () => {
      isClosed = true;
      draining?.stop();
      const sockets = [...open.keys()];
      for (const socket of sockets) socket.close(closeReasons.restarting);
      await Promise.all(sockets.map((socket) => socket.closed));
      pings.close();
      flusher.close();
      server.close();
    },
  };
}

/** A socket as graphql-ws sees it. A class, since there are as many as connections. */
class Spoken implements SpokenSocket {
  readonly #socket: EdgeSocket;
  readonly #incoming: Incoming;

  constructor(socket: EdgeSocket, incoming: Incoming) {
    this.#socket = socket;
    this.#incoming = incoming;
  }

  get protocol(): string {
    return this.#socket.protocol;
  }

  send(text: string): void {
    this.#socket.send(text);
  }

  close(code = 1000, reason = ''): void {
    this.#socket.close({ code, reason });
  }

  onMessage(listener: (text: string) => Promise<void>): void {
    // It says that it wants text, and takes a message that was read already as well: there is a test for that.
    this.#incoming.onMessage(listener as unknown as Receive);
  }
}
