/** The usual recipe as a process of its own, with a database of its own. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { freePort } from '../../test/e2e/free-port.ts';
import { serviceUrl } from '../../test/services.ts';
import { cpuMicrosOf } from '../cpu-of.ts';
import { scratchDatabase } from '../send/scratch-database.ts';
import type { RequestServer } from './client.ts';

const READY_MS = 20_000;

/** Services that it needs and that nobody names. */
export const missingForRecipe = (): readonly string[] =>
  (['postgres', 'redis'] as const).filter((service) => serviceUrl(service) === '');

export async function startUsualRecipe(): Promise<RequestServer> {
  const database = await scratchDatabase();
  const port = await freePort();
  const child = fork(
    new URL('../peers/usual-recipe.ts', import.meta.url),
    [String(port), serviceUrl('redis'), database.url],
    { env: { PATH: process.env.PATH ?? '', NODE_ENV: 'production' } },
  );
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    }
    await database.drop();
  };
  try {
    await Promise.race([
      once(child, 'message', { signal: AbortSignal.timeout(READY_MS) }),
      once(child, 'exit').then(() => Promise.reject(new Error('the usual recipe ended at start'))),
    ]);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url: `http://127.0.0.1:${port}/graphql`,
    socketUrl: `ws://127.0.0.1:${port}/graphql`,
    cpuMicros: () => cpuMicrosOf(child.pid),
    // It believes names.
    token: async (subject) => subject,
    stop,
  };
}
