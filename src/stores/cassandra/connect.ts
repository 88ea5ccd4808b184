/**
 * Makes contact with a cell, and waits for one that is not up yet: services start in any order. What waiting cannot
 * mend (a wrong password, a datacenter that is not there) ends it at once.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { errors } from 'cassandra-driver';
import type { Logger } from '../../chat/logger.ts';
import { within } from './deadline.ts';
import { CellRefused } from './errors.ts';
import { Session } from './session.ts';
import { type CassandraUrl, printable } from './url.ts';

const PAUSE_MS = 1_000;

export interface Patience {
  readonly logger: Logger;
  /** Patience with each request. */
  readonly deadlineMs: number;
  /** How long to wait for a Cassandra that does not answer. */
  readonly waitMs: number;
  /** Told once, in words for the operator, when waiting begins. */
  readonly onWaiting?: ((message: string) => void) | undefined;
  /** Ends the waiting; it then fails as UNREACHABLE. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Connects and runs `prepare`, again and again until both succeed. Throws CellRefused: what `prepare` throws, or
 * UNREACHABLE with what could not be reached and why.
 */
export async function connect<Result>(
  url: CassandraUrl,
  patience: Patience,
  prepare: (session: Session) => Promise<Result>,
): Promise<{ session: Session; result: Result }> {
  const giveUpAt = performance.now() + patience.waitMs;
  for (let attempt = 1; ; attempt++) {
    const session = new Session(url, patience.deadlineMs, patience.logger);
    const stop = (): void => void session.close();
    patience.signal?.addEventListener('abort', stop, { once: true });
    try {
      patience.signal?.throwIfAborted();
      await within(2 * patience.deadlineMs, session.connect());
      return { session, result: await prepare(session) };
    } catch (error) {
      await session.close();
      const lasting = lastingFault(error, url);
      if (lasting !== null) throw lasting;
      const why = reasons(error);
      const waited = patience.waitMs < PAUSE_MS ? '' : ` within ${Math.round(patience.waitMs / 1000)} s`;
      if (performance.now() + PAUSE_MS >= giveUpAt || patience.signal?.aborted === true) {
        throw new CellRefused(
          'UNREACHABLE',
          `Could not reach Cassandra at ${printable(url)}${waited}: ${why}`,
          error,
        );
      }
      if (attempt === 1) {
        const message = `Waiting up to ${Math.round(patience.waitMs / 1000)} s for Cassandra at ${printable(url)}: ${why}`;
        patience.logger.warn({ hosts: url.hosts, port: url.port }, message);
        patience.onWaiting?.(message);
      }
      // When it is ended meanwhile, the next try says so.
      await sleep(PAUSE_MS, undefined, { signal: patience.signal }).catch(() => undefined);
    } finally {
      patience.signal?.removeEventListener('abort', stop);
    }
  }
}

/** What will not be better in a minute, in words for the operator; null for the rest. */
function lastingFault(error: unknown, url: CassandraUrl): CellRefused | null {
  if (error instanceof CellRefused) return error;
  for (const cause of causes(error)) {
    if (cause instanceof errors.AuthenticationError) {
      return new CellRefused('SIGN_IN_REFUSED', `Cassandra refused to sign in: ${cause.message}`, error);
    }
    // The driver compares its local datacenter with those of the nodes it finds.
    if (cause instanceof errors.ArgumentError) {
      return new CellRefused(
        'OTHER_DATACENTER',
        `There is no datacenter "${url.dc}" there: ${cause.message}`,
        error,
      );
    }
    if (cause instanceof errors.ResponseError && cause.code === UNAUTHORIZED) {
      return new CellRefused('SIGN_IN_REFUSED', `Cassandra does not allow it: ${cause.message}`, error);
    }
  }
  return null;
}

const UNAUTHORIZED = 0x2100;

/** The error itself, and under "no host available" that of each host. */
function causes(error: unknown): unknown[] {
  return error instanceof errors.NoHostAvailableError
    ? [error, ...Object.values(error.innerErrors ?? {})]
    : [error];
}

function reasons(error: unknown): string {
  if (!(error instanceof errors.NoHostAvailableError)) return textOf(error);
  const hosts = Object.entries(error.innerErrors ?? {});
  return hosts.map(([host, inner]) => `${host}: ${textOf(inner)}`).join('; ') || 'no node answered';
}

// The first line: the driver appends whole stacks.
const textOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? '';
