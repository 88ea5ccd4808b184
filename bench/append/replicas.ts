/** Several replica processes that append to the same channels at the same time. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { ChannelKey } from '../../src/chat/log/port.ts';
import type { BusAddress, Order, Report } from './replica-messages.ts';
import type { Runner } from './runner.ts';

const GRACE_MS = 30_000;

export interface Replicas {
  /** A runner with `inFlight` sends under way in all, dealt out evenly, on these channels. */
  runner(name: string, count: number, inFlight: number, channels: readonly ChannelKey[]): Runner;
  close(): Promise<void>;
}

export async function startReplicas(count: number, url: string, bus: BusAddress | null): Promise<Replicas> {
  const children = Array.from({ length: count }, () =>
    fork(new URL('replica.ts', import.meta.url), { serialization: 'advanced' }),
  );
  const close = async (): Promise<void> => {
    await Promise.all(children.map(end));
  };
  try {
    await Promise.all(
      children.map((child) => ask(child, { kind: 'open', url, bus, replicas: count }, 'open', GRACE_MS)),
    );
  } catch (error) {
    await close();
    throw error;
  }
  return {
    runner: (name, many, inFlight, channels) => ({
      name,
      async run(seconds, signal) {
        signal.throwIfAborted();
        const working = children.slice(0, many);
        const share = (i: number): number => Math.floor((inFlight + i) / many);
        const reports = await Promise.all(
          working.map((child, i) =>
            ask(
              child,
              { kind: 'run', channels, inFlight: share(i), seconds },
              'ran',
              seconds * 1_000 + GRACE_MS,
            ),
          ),
        );
        signal.throwIfAborted();
        return {
          latencies: reports.flatMap((ran) => ran.latencies).sort((a, b) => a - b),
          seconds: Math.max(...reports.map((ran) => ran.seconds)),
          clientCpuMicros: reports.reduce((sum, ran) => sum + ran.cpuMicros, 0),
        };
      },
    }),
    close,
  };
}

async function ask<Kind extends Report['kind']>(
  child: ChildProcess,
  order: Order,
  kind: Kind,
  patienceMs: number,
): Promise<Extract<Report, { kind: Kind }>> {
  const { promise, resolve, reject } = Promise.withResolvers<Report>();
  const ended = (code: number | null): void => reject(new Error(`a replica ended with ${code}`));
  const late = setTimeout(() => reject(new Error('a replica did not answer')), patienceMs);
  child.once('message', resolve).once('exit', ended);
  try {
    child.send(order);
    const report = await promise;
    if (report.kind === 'failed') throw new Error(`a replica failed: ${report.why}`);
    if (report.kind !== kind) throw new Error(`a replica said ${report.kind} in place of ${kind}`);
    return report as Extract<Report, { kind: Kind }>;
  } finally {
    clearTimeout(late);
    child.off('message', resolve).off('exit', ended);
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.send({ kind: 'close' } satisfies Order);
  const late = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
  await ended;
  clearTimeout(late);
}
