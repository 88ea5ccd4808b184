/** A server in a process of its own, with what it costs. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { freePort } from '../../test/e2e/free-port.ts';
import { threadsCpuMicrosOf } from '../cpu-of.ts';
import type { Built, BuiltName } from './built.ts';
import { collecting } from './collecting.ts';

const READY_MS = 30_000;
const STOP_MS = 10_000;

export interface ServerProcess {
  readonly pid: number;
  readonly port: number;
  stop(): Promise<void>;
}

/** Microseconds of CPU that the process has used so far. */
export const cpuMicros = ({ pid }: ServerProcess): number => threadsCpuMicrosOf(pid);

/** Bytes in memory; NaN where there is no /proc. */
export function residentBytes({ pid }: ServerProcess): number {
  if (process.platform !== 'linux') return Number.NaN;
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * 1_024;
}

/** One of bench/peers/. */
export async function startPeer(name: BuiltName, built: Built, redisUrl: string): Promise<ServerProcess> {
  const port = await freePort();
  const child = fork(built.file(name), [String(port), redisUrl], {
    env: { ...process.env, NODE_ENV: 'production' },
    execArgv: [...collecting(built)],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await ended;
    clearTimeout(late);
  };
  try {
    await Promise.race([
      once(child, 'message', { signal: AbortSignal.timeout(READY_MS) }),
      once(child, 'exit').then(([code]) => Promise.reject(new Error(`${name} ended with ${code} at start`))),
    ]);
  } catch (error) {
    await stop();
    throw error;
  }
  // It has spoken.
  return { pid: child.pid ?? Number.NaN, port, stop };
}
