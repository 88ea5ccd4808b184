/** `serve` at SIGTERM: unready at once, requests answered on, sockets closed with 1012, and then it ends. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { freePort } from '../../test/e2e/free-port.ts';
import { TestClient } from '../edge/testing/edge-server.ts';

const main = new URL('./main.ts', import.meta.url).pathname;

test('a server that is told to end drains first', { timeout: 120_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'backscroll-drain-'));
  const port = await freePort();
  const child = spawn(process.execPath, [main, 'serve'], {
    env: {
      PATH: process.env.PATH,
      DATA_DIR: folder,
      PORT: String(port),
      AUTH_MODE: 'jwt',
      JWT_SECRET: 'a secret of this test, 32 bytes or more',
      // Long enough that a busy machine answers within it.
      DRAIN_SECONDS: '8',
    },
    stdio: 'ignore',
  });
  const ended = once(child, 'exit');
  try {
    const readiness = async (): Promise<number> =>
      (await fetch(`http://127.0.0.1:${port}/health/ready`)).status;
    while ((await readiness().catch(() => 0)) !== 200) {
      if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`);
      await sleep(100);
    }
    const client = await TestClient.open(`ws://127.0.0.1:${port}/graphql`);
    child.kill('SIGTERM');
    while ((await readiness()) !== 503) await sleep(20);
    const asked = await fetch(`http://127.0.0.1:${port}/graphql?query={__typename}`);
    expect(await asked.json()).toEqual({ data: { __typename: 'Query' } });
    expect(asked.headers.get('connection')).toBe('close');
    expect(await client.closed).toEqual({ code: 1012, reason: 'restarting' });
    expect(await ended).toEqual([0, null]);
  } finally {
    child.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  }
});
