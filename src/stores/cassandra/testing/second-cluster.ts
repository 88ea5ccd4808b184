/** A Cassandra cluster of a test's own, beside the one of all tests: in its own folder, on its own ports. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { freePort } from '../../../../test/e2e/free-port.ts';

const root = fileURLToPath(new URL('../../../../', import.meta.url));

export interface SecondCluster {
  /** The address of a keyspace there. */
  url(keyspace: string): string;
  /** Does something to it, and waits until it is done. */
  service(verb: 'pause' | 'resume' | 'kill' | 'start'): Promise<void>;
  /** Ends it, with everything it keeps. */
  stop(): Promise<void>;
}

/** Returns once it answers: a quarter of a minute on a machine that has nothing else to do. */
export async function startSecondCluster(): Promise<SecondCluster> {
  const folder = await mkdtemp(join(tmpdir(), 'backscroll-second-'));
  const ports = new Set<number>();
  while (ports.size < 3) ports.add(await freePort());
  const [port, storage, jmx] = ports;
  const env = {
    ...process.env,
    SERVICES_DIR: folder,
    CASSANDRA_NODES: '1',
    CASSANDRA_HEAP_MB: '512',
    CASSANDRA_PORT: String(port),
    CASSANDRA_STORAGE_PORT: String(storage),
    CASSANDRA_JMX_PORT: String(jmx),
  };
  const run = async (...args: readonly string[]): Promise<void> => {
    await promisify(execFile)('scripts/services', [...args], { cwd: root, env, timeout: 110_000 });
  };
  const stop = async (): Promise<void> => {
    await run('down', '--wipe');
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await run('up', 'cassandra');
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url: (keyspace) => `cassandra://127.0.0.1:${port}/${keyspace}?dc=datacenter1&rf=1`,
    service: (verb) => run(verb, 'cassandra'),
    stop,
  };
}
