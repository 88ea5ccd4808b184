/**
 * `npm run faults -- --seconds 300`: three Cassandra nodes, three replicas, writers and listeners on 20 channels, while
 * nodes are killed and frozen and replicas are killed, in turn. Ends with what was measured; with status 1 when a
 * promise was broken: something acknowledged lost, kept twice or out of order, a request that took over 15 s.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { positive } from '../../bench/arguments.ts';
import { startProgress } from '../../bench/progress.ts';
import { createChannel } from '../e2e/crowd.ts';
import { startFleet } from '../e2e/fleet.ts';
import { follow } from '../e2e/follower.ts';
import { checkChannel } from './check.ts';
import { outages, type Pace, type Scene } from './outages.ts';
import { type Channel, PROMISED_MS, type Written, writeUntil } from './writers.ts';

const CHANNELS = 20;
const HOT = 2;
const HOT_WRITERS = 12;
/** Small, so that replicas meet at the borders of buckets. */
const BUCKET_SIZE = 64;
/** Every outage once takes about so long at full length. */
const FULL_SECONDS = 240;

const { seconds } = new Command('npm run faults --')
  .description('Faults of nodes and replicas under load; see test/faults/main.ts')
  .option('--seconds <s>', 'how long things go wrong', positive, 300)
  .parse()
  .opts<{ seconds: number }>();

process.exitCode = (await run(seconds)) ? 0 : 1;

async function run(seconds: number): Promise<boolean> {
  const fleet = await startFleet(3, { bucketSize: BUCKET_SIZE });
  try {
    const replicas = [...fleet.replicas];
    const scene: Scene = {
      fleet,
      replicas,
      urls: replicas.map((r) => r.url),
      wsUrls: replicas.map((r) => r.wsUrl),
    };
    const token = await fleet.token('writer');
    const channels: Channel[] = [];
    for (let i = 0; i < CHANNELS; i++) {
      const id = await createChannel(fleet, token);
      channels.push({ id, writers: i < HOT ? HOT_WRITERS : 1, acknowledged: new Map() });
    }
    const followers = channels.map(({ id }) => [follow(scene.wsUrls, token, id, null)]);
    await Promise.all(followers.flat().map((follower) => follower.ready));

    const stop = new AbortController();
    const writing = writeUntil(stop.signal, scene.urls, token, channels);
    await goWrong(scene, seconds);
    stop.abort();
    const written = await writing;

    const broken = [...written.broken];
    for (const [i, channel] of channels.entries())
      broken.push(...(await checkChannel(scene.urls, token, channel, followers[i] ?? [])));
    await Promise.all(followers.flat().map((follower) => follower.stop()));
    report(written, channels, broken);
    return broken.length === 0;
  } finally {
    await fleet.stop();
  }
}

/** One outage after the other until the time is over; each is ended in good order. */
async function goWrong(scene: Scene, seconds: number): Promise<void> {
  const share = Math.min(1, seconds / FULL_SECONDS);
  const pace: Pace = { calmMs: 5_000 * share, downMs: 10_000 * share, pauseMs: 25_000 * share };
  const began = performance.now();
  const left = (): number => seconds * 1_000 - (performance.now() - began);
  const progress = startProgress(outages.length * Math.max(1, Math.floor(seconds / FULL_SECONDS)));
  try {
    await sleep(pace.calmMs);
    // In a short run everything happens once all the same, unless the machine is too slow for that.
    for (let i = 0; left() > (i < outages.length ? -2_000 * seconds : 0); i++) {
      const outage = outages[i % outages.length];
      if (outage === undefined) break;
      const [name, happen] = outage;
      progress.step(name);
      console.log(`${((performance.now() - began) / 1_000).toFixed(0).padStart(4)} s  ${name}`);
      await happen(scene, pace);
      // The pause that follows a node's start comes at once.
      if (!name.includes('started again')) await sleep(pace.calmMs);
    }
  } finally {
    progress.end();
  }
}

function report(
  { took, codes, duplicates }: Written,
  channels: readonly Channel[],
  broken: readonly string[],
): void {
  const sorted = took.toSorted((a, b) => a - b);
  const quantile = (q: number): string =>
    `${Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN)} ms`;
  const sends = channels.reduce((sum, { acknowledged }) => sum + acknowledged.size, 0);
  const counts = [...codes].map(([code, count]) => `${code} ${count}`).join(', ');
  console.log(`
${sends} sends acknowledged on ${channels.length} channels, ${duplicates.count} of them by a repeat of what was saved already
${took.length} requests answered: p50 ${quantile(0.5)}, p99 ${quantile(0.99)}, longest ${quantile(1)} of ${PROMISED_MS} ms allowed
by code: ${counts}
${broken.length === 0 ? 'nothing lost, nothing twice, one order for all' : `BROKEN (${broken.length}):\n${broken.slice(0, 40).join('\n')}`}`);
}
