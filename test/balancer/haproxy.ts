/** The real HAProxy with the file that is shipped: only its own port and the replicas' addresses are put in. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from '../e2e/free-port.ts';

export interface Balancer {
  readonly url: string;
  readonly wsUrl: string;
  readonly origin: string;
  log(): string;
  stop(): Promise<void>;
}

/** False where it is not installed. */
export const hasHaproxy = (): Promise<boolean> =>
  promisify(execFile)('haproxy', ['-v']).then(
    () => true,
    () => false,
  );

/** The shipped file with these replicas in the place of its own. */
async function configOf(port: number, replicas: readonly number[]): Promise<string> {
  const shipped = await readFile(new URL('../../docker/haproxy/haproxy.cfg', import.meta.url), 'utf8');
  const lines = shipped.split('\n').flatMap((line) => {
    if (line.includes('server replica-1 ')) {
      return replicas.map((at, i) => `  server replica-${i + 1} 127.0.0.1:${at}`);
    }
    return line.includes('server replica-') ? [] : [line.replace('bind :4000', `bind 127.0.0.1:${port}`)];
  });
  return lines.join('\n');
}

/** Resolves when it serves. @param replicas their ports. */
export async function startBalancer(replicas: readonly number[]): Promise<Balancer> {
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), 'backscroll-haproxy-'));
  const file = join(folder, 'haproxy.cfg');
  await writeFile(file, await configOf(port, replicas));
  // `-db`: in the foreground, so that it ends with the test.
  const child: ChildProcess = spawn('haproxy', ['-db', '-f', file], { stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  child.stdout?.on('data', (chunk: Buffer) => (log += chunk));
  child.stderr?.on('data', (chunk: Buffer) => (log += chunk));
  const origin = `http://127.0.0.1:${port}`;
  for (let waited = 0; ; waited += 100) {
    if (child.exitCode !== null) throw new Error(`haproxy ended:\n${log}`);
    const response = await fetch(`${origin}/health/balancer`, { signal: AbortSignal.timeout(2_000) }).catch(
      () => null,
    );
    if (response?.ok) break;
    if (waited > 30_000) throw new Error(`haproxy does not serve after 30 s:\n${log}`);
    await sleep(100);
  }
  return {
    origin,
    url: `${origin}/graphql`,
    wsUrl: `ws://127.0.0.1:${port}/graphql`,
    log: () => log,
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) {
        const ended = once(child, 'exit');
        // SIGUSR1 would wait for what is open.
        child.kill('SIGTERM');
        await ended;
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}
