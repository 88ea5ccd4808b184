/** HTTP and WebSocket on one port, over one set of operations: made, listening, and closed together. */
import { EventLoaders } from '../../loaders/event-loaders.ts';
import { createContext, createEventContexts } from '../../schema/context.ts';
import { toGraphQLError } from '../../schema/errors.ts';
import { schema } from '../../schema/index.ts';
import type { Viewers } from '../auth/viewers.ts';
import type { Chat } from '../chat/chat.ts';
import type { Clock } from '../chat/clock.ts';
import type { ConnectionRegistry } from '../chat/connections/port.ts';
import type { EdgeOffer } from '../chat/endpoints/port.ts';
import { limits } from '../chat/limits.ts';
import type { DeliveryGate } from '../chat/live/port.ts';
import { type Logger, silentLogger } from '../chat/logger.ts';
import type { ConnectionWatch } from '../chat/presence/port.ts';
import type { Config } from '../config/config.ts';
import { ConnectionCount } from '../edge/connection-count.ts';
import { createEdge } from '../edge/edge.ts';
import type { Person } from '../edge/shut-out.ts';
import type { DevSignIn } from '../http/dev-sign-in.ts';
import { HttpEnding } from '../http/ending.ts';
import { EventStreams } from '../http/event-stream.ts';
import { createGraphQLHandler } from '../http/graphql.ts';
import { PartDown, type Probe, readinessCheck } from '../http/health.ts';
import { createMetrics } from '../http/metrics.ts';
import { createHttpServer } from '../http/server.ts';
import { createOperations } from '../operation/operations.ts';
import type { LiveStats } from '../realtime/live-parts.ts';
import type { Meters } from '../telemetry/meters.ts';
import { watchOperations } from '../telemetry/operations.ts';
import type { Tracing } from '../telemetry/tracing.ts';
import { listen } from './listen.ts';
import { measureEdge, measureLive } from './measured.ts';
import { documentRules } from './persisted-documents.ts';

export interface TransportPorts {
  readonly config: Config;
  readonly chat: Chat;
  readonly viewers: Viewers;
  /** Asked before events are sent. */
  readonly delivery: DeliveryGate;
  readonly registry: ConnectionRegistry;
  /** Told of everybody's connections. */
  readonly people: ConnectionWatch;
  /** What of live events is open now, and what became of them. */
  readonly live: () => LiveStats;
  readonly meters: Meters;
  /** Null: nobody asked for traces. */
  readonly tracing: Tracing | null;
  /** Null outside dev mode. */
  readonly devSignIn: DevSignIn | null;
  readonly probes: readonly Probe[];
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface Transports {
  /** `http://HOST:PORT`, with the port that was taken. */
  readonly url: string;
  /** Closes the person's sockets; resolves when none is left. */
  shutOut(person: Person): Promise<void>;
  /** Tells all sockets to come back. */
  resumeAll(): void;
  /** Where clients reach this server with WebSockets, and how many it holds; null while it takes none. */
  offer(): EdgeOffer | null;
  /** Unready, no more WebSockets, and those there are closed over this time; requests are answered as before. */
  drain(overMs: number): Promise<void>;
  /** Takes no more requests, finishes those under way, and tells sockets to come back elsewhere. */
  close(): Promise<void>;
}

/** Requests under way at a stop have this long to finish. */
const FINISH_MS = limits.requestMs;

export async function openTransports(ports: TransportPorts): Promise<Transports> {
  const { config, chat, viewers, delivery: gate, registry, people, clock, logger, meters, tracing } = ports;
  const { host, port: wanted, corsOrigins, trustedProxies, isProduction } = config.server;
  const eventLoaders = new EventLoaders(chat);
  const operations = createOperations({
    schema,
    present: (error, caller) =>
      toGraphQLError(error, (masked) =>
        logger.error({ err: masked, requestId: caller?.request?.id }, 'an operation failed unexpectedly'),
      ),
    contextFor: (viewer, connectionId, event) =>
      createContext({ viewer, connectionId, chat, shared: eventLoaders.of(viewer, event) }),
    eventContexts: createEventContexts(chat, eventLoaders),
    isSchemaOpen: !isProduction,
    documents: await documentRules(config.operations, schema, logger),
    watch: watchOperations({ meters, logger, tracing }),
    logger,
  });
  const connections = new ConnectionCount(limits.connectionsPerUser);
  const edge = createEdge({ operations, viewers, connections, registry, people, gate, clock, logger });
  const streams = new EventStreams({ viewers, connections, clock });
  measureLive(meters, ports.live);
  measureEdge(meters, edge);
  const { role, edgeUrl } = config.fleet;
  let isDraining = false;
  const checkReady = readinessCheck(ports.probes, logger);
  const checkEnding = readinessCheck([told], silentLogger);
  const server = createHttpServer({
    graphql: createGraphQLHandler({ operations, viewers, streams }),
    devSignIn: ports.devSignIn,
    role,
    corsOrigins,
    trustedProxies,
    isReady: () => (isDraining ? checkEnding() : checkReady()),
    metrics: createMetrics(meters),
    upgrade: edge.upgrade,
    tracing,
    logger,
  });
  const ending = new HttpEnding(server);
  let port: number;
  try {
    port = await listen(server, host, wanted);
  } catch (error) {
    await edge.close();
    throw error;
  }
  const address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  return {
    url: `http://${address}`,
    offer: () =>
      isDraining || role === 'api'
        ? null
        : { url: edgeUrl ?? `ws://${address}/graphql`, connections: edge.size },
    drain: (overMs) => {
      isDraining = true;
      ending.begin();
      return overMs === 0 ? Promise.resolve() : edge.drain(overMs);
    },
    shutOut: (person) => {
      streams.shutOut(person);
      return edge.shutOut(person);
    },
    resumeAll: () => {
      streams.close();
      edge.resumeAll();
    },
    close: async () => {
      const closed = ending.close(FINISH_MS);
      streams.close();
      await Promise.all([edge.close(), closed]);
    },
  };
}

/** What the readiness of a server that drains says. */
const told: Probe = {
  part: 'server',
  check: () => Promise.reject(new PartDown('it was told to end, and takes nothing new')),
};
