/** Does something to the Cassandra of the tests, and waits until it is done: kill, start, pause, resume. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../../../../', import.meta.url));

export async function cassandraService(verb: 'kill' | 'start' | 'pause' | 'resume'): Promise<void> {
  await promisify(execFile)('scripts/services', [verb, 'cassandra'], { cwd: root, timeout: 110_000 });
}
