/**
 * What settings mean together. A setup that would lose data or open the door is refused; one that works with
 * less than it seems to promise is warned of.
 */

import type { Fault } from './faults.ts';
import { isAnyAddress, isLoopbackHost } from './loopback.ts';
import type { Config } from './settings.ts';

/** Reasons not to start. */
export function conflicts({ server, stores, auth }: Config): readonly Fault[] {
  const faults: Fault[] = [];
  if (auth.mode === 'jwt' && auth.jwtSecret === null && auth.jwksUrl === null) {
    faults.push({
      variable: 'JWT_SECRET',
      problem:
        'is not set, nor is JWKS_URL; expected 32 bytes or more, or the address of an identity provider’s keys, because AUTH_MODE is jwt (its default once a service is configured).',
    });
  }
  if (auth.mode === 'dev' && !isLoopbackHost(server.host)) {
    faults.push({
      variable: 'HOST',
      problem: `is ${JSON.stringify(server.host)}; expected a loopback address such as 127.0.0.1, because with AUTH_MODE=dev anybody may sign in as anybody. For other machines set AUTH_MODE=jwt and JWT_SECRET.`,
    });
  }
  const local = [
    ...(stores.database.kind === 'pglite' ? ['DATABASE_URL'] : []),
    ...(stores.cassandra === null ? ['CASSANDRA_URL'] : []),
  ];
  if (stores.redis !== null && local.length > 0) {
    faults.push({
      variable: local.join(' and '),
      problem: `${local.length === 1 ? 'is' : 'are'} not set, but REDIS_URL is, which serves several replicas: each would keep its own data in its DATA_DIR. Expected all three, or no REDIS_URL.`,
    });
  }
  return faults;
}

/** Reasons to look again, in words for the log. */
export function doubts({ server, fleet, stores, auth }: Config): readonly string[] {
  const warnings: string[] = [];
  if ((stores.cassandra !== null || stores.cells.length > 0) && stores.database.kind === 'pglite') {
    warnings.push(
      'A Cassandra is set and DATABASE_URL is not: people and channels are kept in DATA_DIR of this machine only. Losing that folder makes the messages unreachable.',
    );
  }
  if (stores.database.kind === 'postgres' && stores.cassandra === null) {
    warnings.push(
      'DATABASE_URL is set and CASSANDRA_URL is not: messages are kept in DATA_DIR of this machine only. Run one replica, and back that folder up.',
    );
  }
  if (stores.database.kind === 'postgres' && stores.cassandra !== null && stores.redis === null) {
    warnings.push(
      'REDIS_URL is not set: run one replica only. A second one would show its messages up to a minute late.',
    );
  }
  if (fleet.role !== 'all' && stores.database.kind === 'pglite') {
    warnings.push(
      `ROLE is ${fleet.role}, and DATABASE_URL is not set: no other server can share what this one keeps in DATA_DIR, so nobody takes the ${fleet.role === 'api' ? 'WebSockets' : 'HTTP requests'}.`,
    );
  }
  if (fleet.role !== 'api' && fleet.edgeUrl === null && isAnyAddress(server.host)) {
    warnings.push(
      `HOST is ${server.host} and EDGE_URL is not set: connectionEndpoint names an address that clients cannot reach. Set EDGE_URL, to wss://chat.example.com/graphql for instance.`,
    );
  }
  if (auth.jwksUrl !== null && (auth.issuer === null || auth.audience === null)) {
    warnings.push(
      'JWKS_URL is set without JWT_ISSUER and JWT_AUDIENCE: tokens that the identity provider makes for other programs are taken here too.',
    );
  }
  if (auth.jwksUrl !== null && !isTrustworthy(new URL(auth.jwksUrl))) {
    warnings.push(
      'JWKS_URL is fetched over http: whoever is in between can put in keys of their own and sign in as anybody.',
    );
  }
  if (auth.mode === 'dev' && server.isProduction) {
    warnings.push(
      'NODE_ENV is production, and AUTH_MODE=dev lets everybody on this machine sign in as anybody.',
    );
  }
  return warnings;
}

const isTrustworthy = ({ protocol, hostname }: URL): boolean =>
  protocol === 'https:' || isLoopbackHost(hostname);
