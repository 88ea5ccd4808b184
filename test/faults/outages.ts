/** What goes wrong, in turn and over and over: nodes killed and frozen, one while another recovers, replicas killed. */
import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Fleet } from '../e2e/fleet.ts';
import type { Replica } from '../e2e/process.ts';

const services = async (...args: readonly string[]): Promise<void> => {
  await promisify(execFile)('scripts/services', args, { timeout: 150_000 });
};

export interface Scene {
  readonly fleet: Fleet;
  /** Those that are up. */
  readonly replicas: Replica[];
  /** Their addresses, kept current: HTTP and WebSocket. */
  readonly urls: string[];
  readonly wsUrls: string[];
}

/** In a short run everything is shorter, the pause of 25 s too. */
export interface Pace {
  readonly calmMs: number;
  readonly downMs: number;
  readonly pauseMs: number;
}

type Outage = readonly [name: string, happen: (scene: Scene, pace: Pace) => Promise<void>];

const killReplica = (i: number): Outage => [
  `replica ${i + 1} killed, another started`,
  async (scene, { calmMs }) => {
    const [victim] = scene.replicas.splice(i, 1);
    remove(scene.urls, victim?.url);
    remove(scene.wsUrls, victim?.wsUrl);
    await victim?.end('SIGKILL');
    await sleep(calmMs);
    const next = await scene.fleet.start();
    scene.replicas.push(next);
    scene.urls.push(next.url);
    scene.wsUrls.push(next.wsUrl);
  },
];

const pause = (node: string): Outage => [
  `${node} paused`,
  async (_, { pauseMs }) => {
    await services('pause', node);
    try {
      await sleep(pauseMs);
    } finally {
      await services('resume', node);
    }
  },
];

const killNode = (node: string): Outage => [
  `${node} killed and started again`,
  async (_, { downMs }) => {
    await services('kill', node);
    await sleep(downMs);
    await services('start', node);
  },
];

/** A pause that follows a start comes while that node still recovers: hints are replayed, promises are repaired. */
export const outages: readonly Outage[] = [
  killNode('cassandra-2'),
  pause('cassandra-3'),
  killReplica(0),
  killReplica(0),
  killReplica(0),
  killNode('cassandra-3'),
  pause('cassandra'),
  killReplica(1),
  pause('cassandra-2'),
];

function remove(from: string[], what: string | undefined): void {
  const at = what === undefined ? -1 : from.indexOf(what);
  if (at >= 0) from.splice(at, 1);
}
