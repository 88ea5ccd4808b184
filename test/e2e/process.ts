/** The program as a process of its own, which a test may kill. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

const root = new URL('../../', import.meta.url);

export interface Replica {
  /** Of its process; undefined when it could not be started. */
  readonly pid: number | undefined;
  readonly url: string;
  readonly wsUrl: string;
  /** What it wrote to its log so far. */
  log(): string;
  /** Has it collect garbage, where it was started so that it can. */
  collect(): void;
  /** It keeps its connections and does nothing. */
  pause(): void;
  resume(): void;
  /** Ends the process by a signal and waits for its end. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

/** @param env all of the environment that it gets, beside where it listens; it does not drain unless that says so. */
export function spawnReplica(
  port: number,
  env: Readonly<Record<string, string | undefined>>,
): { readonly replica: Replica; readonly ready: Promise<void> } {
  const child = spawn(process.execPath, ['test/e2e/replica.ts'], {
    cwd: root,
    env: { DRAIN_SECONDS: '0', ...env, HOST: '127.0.0.1', PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const replica = asReplica(child, port);
  return { replica, ready: ready(replica, child) };
}

/** On embedded stores in this folder, in dev mode: a start on the folder of a killed one finds what it left. */
export async function startEmbedded(dataDir: string, port: number): Promise<Replica> {
  const { PATH, HOME } = process.env;
  const env = { PATH, HOME, DATA_DIR: dataDir, LOG_LEVEL: 'warn' };
  const { replica, ready } = spawnReplica(port, env);
  await ready;
  return replica;
}

function asReplica(child: ChildProcess, port: number): Replica {
  let log = '';
  child.stdout?.on('data', (chunk: Buffer) => (log += chunk));
  child.stderr?.on('data', (chunk: Buffer) => (log += chunk));
  return {
    pid: child.pid,
    url: `http://127.0.0.1:${port}/graphql`,
    wsUrl: `ws://127.0.0.1:${port}/graphql`,
    log: () => log,
    collect: () => void child.kill('SIGUSR2'),
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    end: async (signal) => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill(signal);
      const late = setTimeout(() => child.kill('SIGKILL'), 20_000);
      await ended;
      clearTimeout(late);
    },
  };
}

async function ready(replica: Replica, child: ChildProcess): Promise<void> {
  const health = replica.url.replace('/graphql', '/health/ready');
  for (let waited = 0; waited < 60_000; waited += 200) {
    if (child.exitCode !== null) throw new Error(`a replica ended at start:\n${replica.log()}`);
    const response = await fetch(health, { signal: AbortSignal.timeout(2_000) }).catch(() => null);
    if (response?.ok) return;
    await sleep(200);
  }
  throw new Error(`a replica was not ready within 60 s:\n${replica.log()}`);
}
