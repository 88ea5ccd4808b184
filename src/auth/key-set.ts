/**
 * The identity provider's public keys (JWKS), fetched when they are needed and kept in memory: bounded in size and in how
 * often they are asked for, and in use for a while when the provider does not answer. A token by a key that is not there
 * has them fetched anew, so that rotation needs no restart; a stranger who makes up key names cannot make this server ask
 * more than a few times, and then once in ten seconds.
 */
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import { z } from 'zod';
import { ChatError } from '../chat/errors.ts';
import type { Logger } from '../chat/logger.ts';
import { Rate } from '../chat/signals/rate.ts';
import type { AuthConfig } from '../config/config.ts';
import { readBounded } from './read-bounded.ts';

export interface KeySetTimings {
  /** Keys this old are fetched anew beside their use. */
  readonly freshMs: number;
  /** Keys older than this are not used: the provider may have taken one back. */
  readonly staleMs: number;
  /** How long one fetch may take. */
  readonly fetchMs: number;
  /** So many fetches at once, and after those one each time. */
  readonly burst: number;
  readonly cooldownMs: number;
}

export const keySetTimings: KeySetTimings = {
  freshMs: 10 * 60_000,
  staleMs: 60 * 60_000,
  fetchMs: 5_000,
  burst: 10,
  cooldownMs: 10_000,
};

export interface KeySetOptions {
  readonly url: string;
  readonly logger: Logger;
  readonly timings?: KeySetTimings;
  /** Milliseconds, never running backwards. */
  readonly now?: () => number;
}

const MAX_BYTES = 256 * 1024;
const MAX_KEYS = 100;
const KEY_TYPES = ['RSA', 'EC', 'OKP'];

/** A key set as far as it can be used: public keys for signatures. A secret has no place in one, and is left out. */
const keySetModel = z.object({
  keys: z
    .array(z.record(z.string(), z.unknown()))
    .max(MAX_KEYS)
    .transform((keys) => keys.filter(({ kty }) => KEY_TYPES.includes(String(kty)))),
});

interface Held {
  readonly at: number;
  readonly find: JWTVerifyGetKey;
}

/** Nobody knows whether the token is good: not its bearer's fault, and worth another try. */
const unanswered = (cause?: unknown): ChatError =>
  new ChatError('UNAVAILABLE', 'The key that this token names cannot be looked up now. Try again.', {
    cause,
  });

/**
 * A function that finds the key of a token, for `jwtVerify`. Throws ChatError UNAVAILABLE while nobody can say, and what
 * jose throws for a key that is not there.
 */
export function remoteKeySet(options: KeySetOptions): JWTVerifyGetKey {
  const { url, logger, timings = keySetTimings, now = () => performance.now() } = options;
  const { freshMs, staleMs, fetchMs, burst, cooldownMs } = timings;
  const fetches = new Rate({ burst, perMs: burst * cooldownMs, most: 1, now });
  let held: Held | null = null;
  let fetching: Promise<Held> | null = null;
  let hasFailed = false;

  async function fetchKeys(): Promise<Held> {
    const response = await fetch(url, {
      headers: { accept: 'application/json, application/jwk-set+json' },
      redirect: 'error',
      signal: AbortSignal.timeout(fetchMs),
    });
    if (response.status !== 200) {
      await response.body?.cancel();
      throw new Error(`answered ${response.status}`);
    }
    const keys = keySetModel.parse(JSON.parse(await readBounded(response, MAX_BYTES))) as JSONWebKeySet;
    if (keys.keys.length === 0) throw new Error('holds no key that can be used');
    return { at: now(), find: createLocalJWKSet(keys) };
  }

  /** Null when it is not to be asked now. */
  function refresh(): Promise<Held> | null {
    if (fetching === null) {
      if (fetches.take('') > 0) return null;
      fetching = fetchKeys().then(
        (keys) => {
          held = keys;
          hasFailed = false;
          fetching = null;
          return keys;
        },
        (error: unknown) => {
          hasFailed = true;
          fetching = null;
          logger.warn({ err: error }, 'JWKS_URL: the keys that tokens are signed with could not be fetched.');
          throw unanswered(error);
        },
      );
      // Not everybody who begins it waits for it.
      fetching.catch(() => undefined);
    }
    return fetching;
  }

  /** Those that may be used without waiting. */
  function usable(): Held | null {
    const age = held === null ? Infinity : now() - held.at;
    if (age >= freshMs) void refresh();
    return age < staleMs ? held : null;
  }

  return async (header, token) => {
    const known = usable();
    const keys = known ?? (await refresh());
    if (keys === null) throw unanswered();
    try {
      return await keys.find(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey) || known === null) throw error;
      // It may be newer than the set.
      const newer = await refresh();
      // Asked for a moment ago, it was not there: so it is not.
      if (newer === null) throw hasFailed || now() - known.at > cooldownMs ? unanswered(error) : error;
      return newer.find(header, token);
    }
  };
}

/** The keys that the settings name; null when they name none. */
export const keySetOf = ({ jwksUrl }: AuthConfig, logger: Logger): JWTVerifyGetKey | null =>
  jwksUrl === null ? null : remoteKeySet({ url: jwksUrl, logger });
