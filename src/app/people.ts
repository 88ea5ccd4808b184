/** For commands that need the database and no messages. */
import { loadDevKey } from '../auth/dev-key.ts';
import { type SignedToken, signDevToken, signWithSecret } from '../auth/sign.ts';
import { systemClock } from '../chat/clock.ts';
import type { Config } from '../config/config.ts';
import { FolderInUse } from '../stores/folder-lock.ts';
import type { Relational } from '../stores/relational/open.ts';
import { CannotStart } from './cannot-start.ts';
import { subjectOf } from './dev-sign-in.ts';
import { holdDataFolder, openPeople, type StoreOptions } from './stores.ts';

const ASK_SERVER_MS = 2_000;

/** Opens the database, runs `work`, and closes it again. Throws FolderInUse while a server holds the embedded one. */
export async function withPeople<Result>(
  config: Config,
  options: StoreOptions,
  work: (relational: Relational) => Promise<Result>,
): Promise<Result> {
  await using opened = new AsyncDisposableStack();
  // Held although messages may be elsewhere: it costs nothing, and a server that runs here is found.
  if (config.stores.database.kind === 'pglite') opened.use(await holdDataFolder(config));
  const relational = await openPeople(config, options);
  opened.defer(() => relational.close());
  // Awaited here: the stack closes the database as soon as this function ends.
  return await work(relational);
}

export interface TokenRequest {
  readonly organization: string;
  readonly handle: string;
  readonly lifeMs: number;
}

/** A token for whoever has the handle; in dev mode also for a new person. */
export async function tokenFor(
  config: Config,
  options: StoreOptions,
  request: TokenRequest,
): Promise<SignedToken> {
  const { organization, handle, lifeMs } = request;
  const { mode, jwtSecret } = config.auth;
  const now = systemClock.now();
  if (mode === 'dev') {
    const key = await loadDevKey(config.stores.dataDir);
    try {
      const subject = await withPeople(config, options, (stores) => subjectOf(stores, organization, handle));
      return await signDevToken(key, { organization, subject, handle }, now, lifeMs);
    } catch (error) {
      if (!(error instanceof FolderInUse)) throw error;
      // A server has the database open: it knows who has the handle.
      return (
        (await askServer(config, error.holder?.port ?? null, request)) ??
        (await signDevToken(key, { organization, subject: handle, handle }, now, lifeMs))
      );
    }
  }
  if (jwtSecret === null) throw new CannotStart('JWT_SECRET is not set.');
  const subject = await withPeople(config, options, async (stores) => {
    if ((await stores.organizations.bySlug(organization)) === null) {
      throw new CannotStart(
        `There is no organization ${organization}. Make it first: npm run cli -- org create ${organization}`,
      );
    }
    return subjectOf(stores, organization, handle);
  });
  return signWithSecret(config.auth, jwtSecret, { organization, subject, handle }, now, lifeMs);
}

/** Null when there is no such server, or it is another installation's. */
async function askServer(
  { server }: Config,
  port: number | null,
  { organization, handle }: TokenRequest,
): Promise<SignedToken | null> {
  if (port === null || port === 0) return null;
  const host = server.host.includes(':') ? `[${server.host}]` : server.host;
  try {
    const response = await fetch(`http://${host}:${port}/auth/dev`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ organization, handle }),
      signal: AbortSignal.timeout(ASK_SERVER_MS),
    });
    const answer: unknown = await response.json();
    if (typeof answer !== 'object' || answer === null) return null;
    const { token, expiresAt } = answer as Record<string, unknown>;
    return typeof token === 'string' && typeof expiresAt === 'string' ? { token, expiresAt } : null;
  } catch {
    // Not there, or no server of ours: the caller signs by itself.
    return null;
  }
}
