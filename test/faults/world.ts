/**
 * What faults happen to: three replicas on three Cassandra nodes, each with lines of its own to every store and a clock that can
 * be set, two organizations on them; and a server beside them that keeps its messages in SQLite.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseCassandraUrl } from '../../src/stores/cassandra/url.ts';
import { type Fleet, startFleet } from '../e2e/fleet.ts';
import type { Replica } from '../e2e/process.ts';
import { serviceUrl } from '../services.ts';
import { type Link, openLink } from './network.ts';
import { Places } from './places.ts';
import type { Store } from './plan.ts';

/** Small, so that replicas meet at the borders of buckets. */
const BUCKET_SIZE = 64;
const REPLICAS = 3;
const NODES = 3;
const INSIDE = pathToFileURL(join(import.meta.dirname, 'inside.ts')).href;

/** A replica with its lines and its clock. */
export interface Member {
  readonly replica: Replica;
  /** Cassandra has one for each node. */
  readonly links: Readonly<Record<Store, readonly Link[]>>;
  setClock(ms: number): Promise<void>;
}

export interface World {
  readonly fleet: Fleet;
  readonly members: Member[];
  /** Where those that are up can be reached, kept current. */
  readonly places: Places;
  startMember(): Promise<Member>;
  /** The server beside them, and the folder of its messages. */
  readonly solo: {
    readonly fleet: Fleet;
    readonly places: Places;
    readonly folder: string;
    replica: Replica;
  };
  stop(): Promise<void>;
}

function addresses(): Readonly<Record<Store, readonly { host: string; port: number }[]>> {
  const of = (service: 'postgres' | 'redis') => {
    const { hostname, port } = new URL(serviceUrl(service));
    return [{ host: hostname, port: Number(port) }];
  };
  const { port } = parseCassandraUrl(serviceUrl('cassandra'));
  const cassandra = Array.from({ length: NODES }, (_, i) => ({ host: `127.0.0.${i + 1}`, port }));
  return { postgres: of('postgres'), redis: of('redis'), cassandra };
}

/** Whoever opens it stops it. */
export async function openWorld(): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'backscroll-faults-'));
  const links: Link[] = [];
  const places = new Places();
  const soloPlaces = new Places();
  const members: Member[] = [];
  let started = 0;

  const [fleet, soloFleet] = await Promise.all([
    startFleet(0, { bucketSize: BUCKET_SIZE, settings: { LOG_LEVEL: 'warn' } }),
    startFleet(0, {
      bucketSize: BUCKET_SIZE,
      settings: { LOG_LEVEL: 'warn', CASSANDRA_URL: undefined, REDIS_URL: undefined, DATA_DIR: folder },
    }),
  ]);
  await fleet.cli('org', 'create', 'globex');

  async function startMember(): Promise<Member> {
    const lines = {} as Record<Store, Link[]>;
    const routes: string[] = [];
    for (const [store, all] of Object.entries(addresses()) as [Store, { host: string; port: number }[]][]) {
      lines[store] = [];
      for (const to of all) {
        const link = await openLink(to);
        links.push(link);
        lines[store].push(link);
        routes.push(`${to.host}:${to.port}=${link.port}`);
      }
    }
    const clock = join(folder, `clock-${started++}`);
    const replica = await fleet.start({
      NODE_OPTIONS: `--import=${INSIDE}`,
      FAULTS_CLOCK: clock,
      FAULTS_ROUTES: routes.join(','),
    });
    const member = { replica, links: lines, setClock: (ms: number) => writeFile(clock, String(ms)) };
    members.push(member);
    places.add(replica);
    return member;
  }

  await Promise.all(Array.from({ length: REPLICAS }, startMember));
  const solo = { fleet: soloFleet, places: soloPlaces, folder, replica: await soloFleet.start() };
  soloPlaces.add(solo.replica);
  return {
    fleet,
    members,
    places,
    startMember,
    solo,
    stop: async () => {
      for (const link of links) link.mend();
      await Promise.all([fleet.stop(), soloFleet.stop()]);
      await Promise.all(links.map((link) => link.close()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}
