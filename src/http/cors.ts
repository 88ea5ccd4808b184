/**
 * Which web pages may read our answers: exact origins, never a reflected one. Tokens travel in a header that a
 * page must set itself, so nothing here guards against forged requests; it keeps pages of other sites from
 * signing in with what they can reach.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isLoopbackHost } from '../config/loopback.ts';

export type AllowedOrigins = readonly string[] | 'loopback';

const PREFLIGHT_SECONDS = '600';

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
    response.setHeader('access-control-allow-headers', 'authorization, content-type');
    response.setHeader('access-control-allow-methods', 'GET, POST');
    response.setHeader('access-control-expose-headers', 'retry-after');
    response.setHeader('access-control-max-age', PREFLIGHT_SECONDS);
  }
  if (request.method !== 'OPTIONS') return false;
  response.writeHead(204).end();
  return true;
}

function isAllowed(allowed: AllowedOrigins, origin: string): boolean {
  if (allowed !== 'loopback') return allowed.includes(origin);
  return (
    URL.canParse(origin) && new URL(origin).origin === origin && isLoopbackHost(new URL(origin).hostname)
  );
}
