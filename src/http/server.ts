/** The HTTP side of the server: one port, a handful of addresses, each request bounded in time and size. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { limits } from '../chat/limits.ts';
import type { Logger } from '../chat/logger.ts';
import type { Role } from '../config/settings.ts';
import { refuseUpgrade } from '../edge/refuse-upgrade.ts';
import { REQUEST_ID_HEADER } from '../operation/request-id.ts';
import type { Tracing } from '../telemetry/tracing.ts';
import { clientAddress } from './client-address.ts';
import { answerCors } from './cors.ts';
import { answerDevSignIn, type DevSignIn } from './dev-sign-in.ts';
import { answerGraphiQL, isGraphiQL } from './graphiql/assets.ts';
import type { GraphQLHandler } from './graphql.ts';
import type { CheckReadiness } from './health.ts';
import { refuseForeign } from './local-only.ts';
import type { Metrics } from './metrics.ts';
import { type AllowedOrigins, refuseForeignPage } from './pages.ts';
import { type Refusal, sendJson, sendRefusal, sendText } from './replies.ts';
import { requestInfoOf } from './request-info.ts';
import { securityHeaders, setHeaders } from './security-headers.ts';
import { routeOf, tell, tracedAs } from './telling.ts';

export interface HttpPorts {
  readonly graphql: GraphQLHandler;
  /** Null outside dev mode. */
  readonly devSignIn: DevSignIn | null;
  /** All, when left out. */
  readonly role?: Role;
  readonly corsOrigins: AllowedOrigins;
  /** Whose word is taken for who is behind them; nobody's when left out. */
  readonly trustedProxies?: readonly string[];
  readonly isReady: CheckReadiness;
  readonly metrics: Metrics;
  /** @param address the client's, as far as that is known. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, address: string | null): void;
  /** Absent or null: nobody asked for traces. */
  readonly tracing?: Tracing | null;
  readonly logger: Logger;
  /** For a request to come whole, body and all; the time that requests have when left out. */
  readonly arrivalMs?: number;
  /** For a client that takes nothing of an answer or an event stream. */
  readonly stalledMs?: number;
}

const HEADERS_MS = 10_000;
/** Longer than the usual balancer's, so that it never sends on a connection that is being closed. */
const KEEP_ALIVE_MS = 65_000;
/** Longer than requests take, and than the pauses between an event stream's signs of life. */
const STALLED_MS = 60_000;
/** What is told of a request whose connection ended before it had an answer, as other servers tell it. */
const BROKEN_OFF = 499;
/** How often Node looks for requests that are late with their headers or their body. */
const LOOK_FOR_LATE_MS = 2_000;

/** A server that does not listen yet. */
export function createHttpServer(ports: HttpPorts): Server {
  const { devSignIn, metrics, tracing = null, logger, arrivalMs = limits.requestMs } = ports;
  const { stalledMs = STALLED_MS } = ports;
  const refuse = (request: IncomingMessage): Refusal | null =>
    devSignIn === null ? null : refuseForeign(request);
  const addressOf = clientAddress(ports.trustedProxies ?? []);
  const headers = securityHeaders({ isTlsExpected: devSignIn === null });

  const server = createServer({
    requestTimeout: arrivalMs,
    headersTimeout: Math.min(HEADERS_MS, arrivalMs),
    keepAliveTimeout: KEEP_ALIVE_MS,
    connectionsCheckingInterval: Math.min(LOOK_FOR_LATE_MS, arrivalMs),
    // Other protocols that a client offers are passed over, as HTTP says: Java's offers HTTP/2 with each first request.
    shouldUpgradeCallback: ({ headers }) => headers.upgrade?.toLowerCase() === 'websocket',
  });
  // Cuts connections on which nothing moves, not those that are read slowly; a WebSocket keeps watch by itself.
  server.timeout = stalledMs;
  server.on('request', (request, response) => {
    const began = performance.now();
    const path = pathOf(request);
    const info = requestInfoOf(request, addressOf(request));
    response.setHeader(REQUEST_ID_HEADER, info.id);
    setHeaders(response, headers);
    const route = routeOf(path);
    const traced = tracedAs(tracing, request, route, info);
    response.once('close', () => {
      const ms = performance.now() - began;
      const status = response.headersSent ? response.statusCode : BROKEN_OFF;
      metrics.answered(route, status, ms);
      traced?.end(status);
      // An operation has said it by itself.
      if (!info.isTold) tell(logger, info, { method: request.method, route, status, ms });
    });
    const refusal = refuse(request);
    if (refusal !== null) return sendRefusal(response, refusal);
    const work = () => answer(ports, request, response, path);
    (traced === null ? work() : traced.run(work)).catch((error: unknown) => {
      if (response.destroyed) return;
      logger.error({ err: error, requestId: requestInfoOf(request).id }, 'a request broke');
      if (response.headersSent) return void response.destroy();
      sendRefusal(response, {
        status: 500,
        code: 'INTERNAL_SERVER_ERROR',
        message: 'Something went wrong on the server.',
      });
    });
  });
  server.on('upgrade', (request, socket, head) => {
    // Until WebSocket takes it over, nobody else listens.
    socket.once('error', (error) => logger.debug({ err: error }, 'an upgrade broke'));
    const refusal = refuse(request);
    if (refusal !== null) return refuseUpgrade(socket, '403 Forbidden', refusal.message);
    if (pathOf(request) !== '/graphql')
      return refuseUpgrade(socket, '404 Not Found', 'WebSockets are at /graphql.');
    if (ports.role === 'api')
      return refuseUpgrade(
        socket,
        '404 Not Found',
        'This server takes no WebSockets: ask connectionEndpoint for one that does.',
      );
    const stranger = refuseForeignPage(ports.corsOrigins, request);
    if (stranger !== null) return refuseUpgrade(socket, '403 Forbidden', stranger.message);
    ports.upgrade(request, socket, head, addressOf(request));
  });
  return server;
}

async function answer(
  ports: HttpPorts,
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
): Promise<void> {
  if (answerCors(ports.corsOrigins, request, response)) return;
  if (ports.role === 'edge' && (path === '/graphql' || path.startsWith('/graphql/'))) {
    return sendRefusal(response, {
      status: 404,
      code: 'NOT_FOUND',
      message: 'This server takes WebSockets alone: GraphQL over HTTP is on the others.',
    });
  }
  if (isGraphiQL(request, path) && (await answerGraphiQL(request, response, path))) return;
  if (path === '/graphql' || path === '/auth/dev') {
    const stranger = refuseForeignPage(ports.corsOrigins, request);
    if (stranger !== null) return sendRefusal(response, stranger);
  }
  if (path === '/graphql') {
    if (request.method === 'POST' && !isJson(request)) {
      return sendRefusal(response, {
        status: 415,
        code: 'BAD_USER_INPUT',
        message: 'Send JSON, with `content-type: application/json`.',
      });
    }
    await ports.graphql(request, response);
    return;
  }
  if (path === '/auth/dev' && ports.devSignIn !== null) {
    return answerDevSignIn(ports.devSignIn, request, response);
  }
  if (path === '/health/live') {
    // Answering at all is what it asks.
    return sendJson(response, 200, { status: 'live', parts: { process: { state: 'up' } } });
  }
  if (path === '/health/ready') {
    const readiness = await ports.isReady();
    return sendJson(response, readiness.status === 'unready' ? 503 : 200, readiness);
  }
  if (path === '/metrics') {
    return sendText(response, 200, ports.metrics.contentType, await ports.metrics.text());
  }
  if (path === '/' && request.headers.accept?.includes('text/html')) {
    response.writeHead(302, { location: '/graphql' }).end();
    return;
  }
  sendRefusal(response, {
    status: 404,
    code: 'NOT_FOUND',
    message: 'Nothing is here. The API is at /graphql.',
  });
}

/** The path without its query; for targets in other forms something that is at no address. */
function pathOf({ url = '' }: IncomingMessage): string {
  const path = url.split('?', 1)[0] ?? '';
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}

const isJson = ({ headers }: IncomingMessage): boolean =>
  /^application\/(?:graphql\+)?json\b/i.test(headers['content-type'] ?? '');
