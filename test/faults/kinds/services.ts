/** What happens to the stores themselves, by scripts/services: nodes, Postgres and Redis. */
import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import { serviceUrl } from '../../services.ts';
import type { Step } from '../plan.ts';

const services = async (...args: readonly string[]): Promise<void> => {
  await promisify(execFile)('scripts/services', args, { timeout: 150_000 });
};
const nodes = ['cassandra', 'cassandra-2', 'cassandra-3'] as const;
const nodeOf = (i: number): string => nodes[i % nodes.length] ?? nodes[0];

async function freeze(node: string, ms: number): Promise<void> {
  await services('pause', node);
  try {
    await sleep(ms);
  } finally {
    await services('resume', node);
  }
}

/** A pause that follows a start comes while that node still recovers: hints are replayed, promises are repaired. */
export async function killNode({ node, lastsMs, isWorse }: Step): Promise<void> {
  await services('kill', nodeOf(node));
  await sleep(lastsMs);
  await services('start', nodeOf(node));
  if (isWorse) await freeze(nodeOf(node + 1), lastsMs);
}

export const freezeNode = ({ node, lastsMs }: Step): Promise<void> => freeze(nodeOf(node), lastsMs);

export async function restartNode({ node, lastsMs }: Step): Promise<void> {
  await services('stop', nodeOf(node));
  await sleep(lastsMs);
  await services('start', nodeOf(node));
}

export async function restartPostgres({ lastsMs }: Step): Promise<void> {
  await services('stop', 'postgres');
  await sleep(lastsMs);
  await services('start', 'postgres');
}

/** Everything that Redis holds is gone; connections and subscriptions stay. */
export async function flushRedis(): Promise<void> {
  const redis = new Redis(serviceUrl('redis'));
  try {
    await redis.flushall();
  } finally {
    redis.disconnect();
  }
}
