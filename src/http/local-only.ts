/**
 * What dev mode answers to: this machine alone. Listening on loopback is not enough: a web page of another host
 * can make a browser here call us under that host's name, and a forwarder can bring the whole world.
 */
import type { IncomingMessage } from 'node:http';
import { isLoopbackHost } from '../config/loopback.ts';
import type { Refusal } from './replies.ts';

/** Null when the request may be answered. */
export function refuseForeign({ headers }: IncomingMessage): Refusal | null {
  const forwarded = Object.keys(headers).find(
    (name) =>
      name === 'forwarded' || name === 'via' || name.startsWith('x-forwarded-') || name === 'x-real-ip',
  );
  if (forwarded !== undefined) {
    return refusal(`AUTH_MODE=dev does not answer forwarded requests (this one has ${forwarded}).`);
  }
  if (!isOfThisMachine(headers.host)) {
    return refusal('AUTH_MODE=dev answers only to this machine: use 127.0.0.1 or localhost.');
  }
  return null;
}

const refusal = (message: string): Refusal => ({ status: 403, code: 'FORBIDDEN', message });

/** The last `Host` that was of this machine: as a rule all are alike. */
let lastRight: string | undefined;

function isOfThisMachine(host: string | undefined): boolean {
  if (host === lastRight && host !== undefined) return true;
  const name = hostName(host);
  if (name === null || !isLoopbackHost(name)) return false;
  lastRight = host;
  return true;
}

/** The name in a Host header, without its port. */
function hostName(host: string | undefined): string | null {
  const match = /^(\[[0-9a-f:.]+\]|[^:/?#@\s]+)(?::\d{1,5})?$/i.exec(host ?? '');
  return match?.[1] ?? null;
}
