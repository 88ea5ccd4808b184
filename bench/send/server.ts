/**
 * A real server process, as `serve` starts it, with stores of its own; its CPU is read from /proc, so that what is
 * reported is the server's alone, all its threads.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { SignJWT } from 'jose';
import { freePort } from '../../test/e2e/free-port.ts';
import { cpuMicrosOf } from '../cpu-of.ts';

const JWT_SECRET = 'a secret of the benchmark, long enough for HS256';
const ORGANIZATION = 'bench';
const READY_MS = 60_000;
const root = new URL('../../', import.meta.url);

export interface Server {
  readonly pid: number;
  readonly url: string;
  readonly socketUrl: string;
  cpuMicros(): number;
  token(subject: string): Promise<string>;
  stop(): Promise<void>;
}

type Env = Readonly<Record<string, string>>;

/**
 * @param stores the settings that name the stores; with none the server keeps all in `dataDir`.
 * @param program what runs it: a file of this project, and its arguments.
 */
export async function startServer(
  dataDir: string,
  stores: Env,
  program: readonly string[] = ['src/cli/main.ts', 'serve'],
): Promise<Server> {
  const isEmbedded = Object.keys(stores).length === 0;
  const port = await freePort();
  const env = {
    PATH: process.env.PATH ?? '',
    HOME: process.env.HOME ?? '',
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    PORT: String(port),
    DATA_DIR: dataDir,
    AUTH_MODE: isEmbedded ? 'dev' : 'jwt',
    JWT_SECRET,
    // Counted as an operator's are, and never reached.
    SEND_LIMIT_PER_USER: '1000000/s',
    SEND_LIMIT_PER_CHANNEL: '1000000/s',
    SEND_LIMIT_PER_ORGANIZATION: '1000000/s',
    LOG_LEVEL: 'warn',
    ...stores,
  };
  if (!isEmbedded) {
    await cli(env, 'migrate');
    await cli(env, 'org', 'create', ORGANIZATION);
  }
  const child = spawn(process.execPath, [...program], {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = outputOf(child);
  await ready(child, port, said);
  return {
    // It has answered.
    pid: child.pid ?? Number.NaN,
    url: `http://127.0.0.1:${port}/graphql`,
    socketUrl: `ws://127.0.0.1:${port}/graphql`,
    cpuMicros: () => cpuMicrosOf(child.pid),
    token: (subject) =>
      new SignJWT({ org: ORGANIZATION })
        .setProtectedHeader({ alg: 'HS256' })
        .setSubject(subject)
        .setExpirationTime('2h')
        .sign(new TextEncoder().encode(JWT_SECRET)),
    stop: () => stop(child),
  };
}

async function cli(env: Env, ...args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, ['src/cli/main.ts', ...args], {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = outputOf(child);
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`backscroll ${args.join(' ')} ended with ${code}:\n${said()}`);
}

/** What a process says: read while it runs, so that it never waits for us. */
function outputOf(child: ChildProcess): () => string {
  const KEPT = 10_000;
  let text = '';
  const keep = (chunk: Buffer): void => {
    text = (text + chunk.toString()).slice(-KEPT);
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  return () => text;
}

async function ready(child: ChildProcess, port: number, said: () => string): Promise<void> {
  const until = performance.now() + READY_MS;
  while (performance.now() < until) {
    if (child.exitCode !== null) throw new Error(`the server ended at start:\n${said()}`);
    const answer = await fetch(`http://127.0.0.1:${port}/health/ready`, {
      signal: AbortSignal.timeout(2_000),
    }).catch(() => null);
    if (answer?.ok) return;
    await sleep(200);
  }
  await stop(child);
  throw new Error(`the server was not ready within ${READY_MS / 1_000} s:\n${said()}`);
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), 20_000);
  await ended;
  clearTimeout(late);
}
