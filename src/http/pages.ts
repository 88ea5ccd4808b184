/**
 * Which web pages may call us: those of exact origins, and our own. Nothing here is signed in by what a browser adds by
 * itself (there are no cookies), so a forged request could not act as anybody; but a page of a stranger shall not make
 * its visitors' browsers work for it either, nor reach a server that only they can reach. Browsers say where a request
 * comes from in headers that no page can set; whatever is no browser says nothing of the kind and is let through.
 */
import type { IncomingMessage } from 'node:http';
import { isLoopbackHost } from '../config/loopback.ts';
import type { Refusal } from './replies.ts';

export type AllowedOrigins = readonly string[] | 'loopback';

/** Null when the request may be answered: GraphQL over HTTP and its WebSockets ask this. */
export function refuseForeignPage(allowed: AllowedOrigins, request: IncomingMessage): Refusal | null {
  return isForeignPage(allowed, request)
    ? {
        status: 403,
        code: 'FORBIDDEN',
        message: 'Pages of this origin may not call the server: it is not among CORS_ORIGINS.',
      }
    : null;
}

function isForeignPage(allowed: AllowedOrigins, { headers }: IncomingMessage): boolean {
  const { origin, host, 'sec-fetch-site': site } = headers;
  if (origin !== undefined && isAllowed(allowed, origin)) return false;
  // A browser that says it came from here, or that a person typed the address, knows; over WebSockets none says it.
  if (site === 'same-origin' || site === 'none') return false;
  if (origin !== undefined) return !isOfHost(origin, host);
  return site === 'cross-site' || site === 'same-site';
}

/** True for an origin whose pages may read answers. */
export function isAllowed(allowed: AllowedOrigins, origin: string): boolean {
  if (allowed !== 'loopback') return allowed.includes(origin);
  return (
    URL.canParse(origin) && new URL(origin).origin === origin && isLoopbackHost(new URL(origin).hostname)
  );
}

/** By whichever scheme: TLS may end at a proxy. */
const isOfHost = (origin: string, host: string | undefined): boolean =>
  URL.canParse(origin) && new URL(origin).host === host?.toLowerCase();
