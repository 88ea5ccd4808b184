/** The HTTP side on a port of its own, over the transports' test schema. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Viewers } from '../../auth/viewers.ts';
import { silentLogger } from '../../chat/logger.ts';
import { ConnectionCount } from '../../edge/connection-count.ts';
import type { DocumentRules } from '../../operation/documents.ts';
import { testOperations, testViewers } from '../../operation/testing/test-operations.ts';
import { Meters } from '../../telemetry/meters.ts';
import { EventStreams } from '../event-stream.ts';
import { createGraphQLHandler, type GraphQLHandler, type GraphQLPorts } from '../graphql.ts';
import { createMetrics } from '../metrics.ts';
import { createHttpServer, type HttpPorts } from '../server.ts';
import { createYogaHandler } from '../yoga.ts';

export interface TestHttp {
  readonly origin: string;
  readonly url: string;
  readonly port: number;
  /** Event streams open now, as the schema sees them and as the server does. */
  readonly streams: ReadonlySet<unknown>;
  readonly watched: EventStreams;
  close(): Promise<void>;
}

function yogaAlone(ports: GraphQLPorts): GraphQLHandler {
  const yoga = createYogaHandler(ports);
  return async (request, response) => {
    await yoga(request, response);
  };
}

export async function startHttp(
  options: Partial<HttpPorts> & {
    readonly isSchemaOpen?: boolean;
    readonly documents?: DocumentRules;
    readonly askAgainMs?: number;
    readonly connectionLimit?: number;
    /** Ordinary requests go through Yoga as well. */
    readonly isByYogaAlone?: boolean;
    readonly viewers?: Viewers;
  } = {},
): Promise<TestHttp> {
  const {
    isSchemaOpen = true,
    documents = {},
    askAgainMs = 10_000,
    connectionLimit = 20,
    isByYogaAlone = false,
    viewers = testViewers,
    ...ports
  } = options;
  const streams = new Set<unknown>();
  const watched = new EventStreams({
    viewers,
    connections: new ConnectionCount(connectionLimit),
    clock: { now: () => Date.now() },
    askAgainMs,
  });
  const server = createHttpServer({
    graphql: (isByYogaAlone ? yogaAlone : createGraphQLHandler)({
      operations: testOperations(streams, isSchemaOpen, documents),
      viewers,
      streams: watched,
    }),
    devSignIn: null,
    corsOrigins: [],
    isReady: async () => ({ status: 'ready', parts: {} }),
    metrics: createMetrics(new Meters()),
    upgrade: (_, socket) => socket.destroy(),
    logger: silentLogger,
    ...ports,
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    url: `http://127.0.0.1:${port}/graphql`,
    port,
    streams,
    watched,
    close: async () => {
      watched.close();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
