/**
 * Which web pages may read our answers: exact origins, never a reflected one. Tokens travel in a header that a
 * page must set itself, so nothing here guards against forged requests; it keeps pages of other sites from
 * signing in with what they can reach.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { REQUEST_ID_HEADER } from '../operation/request-id.ts';
import { type AllowedOrigins, isAllowed } from './pages.ts';

const PREFLIGHT_SECONDS = '600';
/** Headers that a page may send, and those of answers that it may read. */
const ASKED = `authorization, content-type, ${REQUEST_ID_HEADER}, traceparent, tracestate`;
const TOLD = `retry-after, ${REQUEST_ID_HEADER}`;

/** Sets the headers for an allowed origin. True when the request was a preflight and is answered. */
export function answerCors(
  allowed: AllowedOrigins,
  request: IncomingMessage,
  response: ServerResponse,
): boolean {
  const { origin } = request.headers;
  response.setHeader('vary', 'origin');
  if (origin !== undefined && isAllowed(allowed, origin)) {
    response.setHeader('access-control-allow-origin', origin);
    response.setHeader('access-control-allow-headers', ASKED);
    response.setHeader('access-control-allow-methods', 'GET, POST');
    response.setHeader('access-control-expose-headers', TOLD);
    response.setHeader('access-control-max-age', PREFLIGHT_SECONDS);
  }
  if (request.method !== 'OPTIONS') return false;
  response.writeHead(204).end();
  return true;
}
