/** What is told of HTTP requests: a span of each, a line in the log of each that was no operation. */
import type { IncomingMessage } from 'node:http';
import type { Logger } from '../chat/logger.ts';
import type { RequestInfo } from '../operation/contexts.ts';
import type { Tracing } from '../telemetry/tracing.ts';

/** Asked for by machines, or by one page in dozens. */
const QUIET_ROUTES = new Set(['/health/live', '/health/ready', '/metrics', 'graphiql']);
const ROUTES = new Set(['/graphql', '/auth/dev', '/health/live', '/health/ready', '/metrics']);

/** For metrics: a fixed set, whatever paths are asked for. */
export const routeOf = (path: string): string =>
  ROUTES.has(path) ? path : path.startsWith('/graphql/graphiql/') ? 'graphiql' : 'other';

/** The request as a span, where traces are kept and it is none of those that come all the time. */
export function tracedAs(
  tracing: Tracing | null,
  { method = '' }: IncomingMessage,
  route: string,
  info: RequestInfo,
) {
  if (tracing === null || QUIET_ROUTES.has(route)) return null;
  const attributes = {
    'http.request.method': method,
    'http.route': route,
    'backscroll.request_id': info.id,
  };
  const span = tracing.begin(`${method} ${route}`, 'server', attributes, info.traceparent ?? null);
  return {
    run: <T>(work: () => T): T => tracing.within(span, work),
    end: (status: number): void => {
      span.set({ 'http.response.status_code': status });
      span.end(status >= 500 ? String(status) : undefined);
    },
  };
}

/** One line for a request that was no operation: what asks of the server's health comes all the time. */
export function tell(
  logger: Logger,
  { id, address }: RequestInfo,
  answered: { method: string | undefined; route: string; status: number; ms: number },
): void {
  const line = { requestId: id, address, ...answered, ms: Math.round(answered.ms * 10) / 10 };
  if (QUIET_ROUTES.has(answered.route)) logger.debug(line, 'request');
  else logger.info(line, 'request');
}
