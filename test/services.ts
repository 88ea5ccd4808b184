/**
 * The real services a test asks for. Their addresses come from the environment or from `.services/env`, which
 * `scripts/services up` writes. A service that is absent skips the tests that need it, by name; with
 * REQUIRE_SERVICES=1 (CI) it fails them.
 */
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { describe, test } from 'vitest';

export type Service = 'postgres' | 'cassandra' | 'redis';

const variable = {
  postgres: 'TEST_DATABASE_URL',
  cassandra: 'TEST_CASSANDRA_URL',
  redis: 'TEST_REDIS_URL',
} as const;

function addresses(): Readonly<Record<string, string>> {
  try {
    const lines = readFileSync(new URL('../.services/env', import.meta.url), 'utf8').split('\n');
    return Object.fromEntries(
      lines
        .filter((l) => l.includes('='))
        .map((l) => [l.slice(0, l.indexOf('=')), l.slice(l.indexOf('=') + 1)]),
    );
  } catch {
    // No services were started from this clone: only the environment counts.
    return {};
  }
}

const started = addresses();

/** The URL of a service; empty when nothing names one. */
export const serviceUrl = (service: Service): string =>
  process.env[variable[service]] ?? started[variable[service]] ?? '';

async function answers(service: Service): Promise<boolean> {
  const text = serviceUrl(service);
  if (text === '') return false;
  // Of several hosts, as a cell with three nodes has them, the first.
  const url = new URL(text.replace(/^cassandra:/, 'http:').replace(/,[^/]*/, ''));
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect({ host: url.hostname, port: Number(url.port || 9042) }, () => resolve(true));
  socket.once('error', () => resolve(false));
  socket.setTimeout(2_000, () => resolve(false));
  const isUp = await promise;
  socket.destroy();
  return isUp;
}

/**
 * A suite that needs services: runs when all answer, else skips under a name that says what is missing, or fails
 * when services are required.
 */
export async function describeWith(
  services: readonly Service[],
  name: string,
  suite: () => void,
): Promise<void> {
  const up = await Promise.all(services.map(answers));
  const missing = services.filter((_, i) => !up[i]);
  if (missing.length === 0) {
    describe(name, suite);
  } else if (process.env.REQUIRE_SERVICES === '1') {
    describe(name, () => {
      test(`needs ${missing.join(', ')}`, () => {
        throw new Error(`${missing.join(', ')} required but not reachable; start with scripts/services up`);
      });
    });
  } else {
    describe.skip(`${name} (skipped: no ${missing.join(', ')}; scripts/services up starts it)`, suite);
  }
}
