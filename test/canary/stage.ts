/**
 * Servers with three organizations on them: the canary's, which is full of what nobody else may see; one that tries to; and
 * one whose people are quiet, whose answers can be compared. Embedded, or with CANARY_ON=services two replicas on the
 * services, as an operator runs them.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SignJWT } from 'jose';
import { startFleet } from '../e2e/fleet.ts';
import { freePort } from '../e2e/free-port.ts';
import { spawnReplica } from '../e2e/process.ts';

/** Where it can be reached, and what it said to its log. */
export interface Stage {
  readonly places: readonly { readonly url: string; readonly wsUrl: string }[];
  token(
    organization: string,
    subject: string,
    claims?: Readonly<Record<string, unknown>>,
    expires?: string,
  ): Promise<string>;
  log(): string;
  stop(): Promise<void>;
}

const SECRET = 'a secret of the canary, long enough for HS256';
/** Everything that is done is told, and nothing that is done is refused for being too often. */
const SETTINGS = {
  JWT_SECRET: SECRET,
  LOG_LEVEL: 'trace',
  SEND_LIMIT_PER_USER: '0',
  SEND_LIMIT_PER_CHANNEL: '0',
};

const token: Stage['token'] = (org, subject, claims = {}, expires = '2h') =>
  new SignJWT({ org, ...claims })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(subject)
    .setIssuedAt()
    .setExpirationTime(expires)
    .sign(new TextEncoder().encode(SECRET));

export const openStage = (organizations: readonly string[]): Promise<Stage> =>
  process.env.CANARY_ON === 'services' ? onServices(organizations) : embedded();

async function embedded(): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'backscroll-canary-'));
  const { PATH, HOME } = process.env;
  const env = { PATH, HOME, DATA_DIR: folder, AUTH_MODE: 'dev', ...SETTINGS };
  const { replica, ready } = spawnReplica(await freePort(), env);
  await ready;
  return {
    places: [replica],
    // In dev mode an organization comes to be with its first token.
    token,
    log: () => replica.log(),
    stop: async () => {
      await replica.end('SIGTERM');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function onServices(organizations: readonly string[]): Promise<Stage> {
  const fleet = await startFleet(2, { settings: SETTINGS });
  for (const slug of organizations) await fleet.cli('org', 'create', slug);
  return {
    places: fleet.replicas,
    token,
    log: () => fleet.replicas.map((replica) => replica.log()).join('\n'),
    stop: () => fleet.stop(),
  };
}
