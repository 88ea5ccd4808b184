/** `scripts/services` on a set of its own, with Redis alone: what the tests of outages rely on. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { describeWith } from '../test/services.ts';

let folder = '';
let port = 0;

const services = (...args: string[]) => servicesWith({}, ...args);
const servicesWith = (env: Readonly<Record<string, string>>, ...args: string[]) =>
  spawnSync('scripts/services', args, {
    encoding: 'utf8',
    env: { ...process.env, SERVICES_DIR: folder, REDIS_PORT: String(port), ...env },
  });
const stateOf = (name: string) =>
  services('status')
    .stdout.split('\n')
    .find((line) => line.startsWith(`${name} `))
    ?.split(/\s+/)[1];

async function listen(): Promise<{ server: Server; port: number }> {
  const server = createServer();
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return { server, port: address.port };
}

async function ping(): Promise<string> {
  const redis = new Redis({
    port,
    host: '127.0.0.1',
    lazyConnect: true,
    commandTimeout: 500,
    retryStrategy: () => null,
  });
  // Every failure also comes as the rejection that the caller sees.
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    return await redis.ping();
  } catch {
    return 'no answer';
  } finally {
    redis.disconnect();
  }
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'services-'));
  const free = await listen();
  port = free.port;
  free.server.close();
});

afterEach(() => {
  services('down', '--wipe');
  rmSync(folder, { recursive: true, force: true });
});

await describeWith(['redis'], 'scripts/services', () => {
  test('starts what is named, again without harm, and says where it is', async () => {
    expect(services('up', 'redis').status).toBe(0);
    const pid = readFileSync(join(folder, 'redis/pid'), 'utf8');
    expect(services('up', 'redis').status).toBe(0);
    expect(readFileSync(join(folder, 'redis/pid'), 'utf8')).toBe(pid);
    expect(await ping()).toBe('PONG');
    expect(stateOf('redis')).toBe('running');
    expect(stateOf('cassandra')).toBe('stopped');
    expect(readFileSync(join(folder, 'env'), 'utf8')).toBe(`TEST_REDIS_URL=redis://127.0.0.1:${port}\n`);
  });

  test('waits for what is slow to go by its own name', async () => {
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    const path = process.env.PATH ?? '';
    writeFileSync(join(bin, 'redis-server'), `#!/bin/sh\nsleep 1\nPATH='${path}' exec redis-server "$@"\n`, {
      mode: 0o755,
    });
    const started = servicesWith({ PATH: `${bin}:${path}` }, 'up', 'redis');
    expect(started.stderr).not.toContain('ended while starting');
    expect(started.status).toBe(0);
    expect(await ping()).toBe('PONG');
  });

  test('stops, kills, freezes and restarts', async () => {
    services('up', 'redis');
    expect(services('pause', 'redis').status).toBe(0);
    expect(stateOf('redis')).toBe('paused');
    expect(await ping()).toBe('no answer');
    expect(services('resume', 'redis').status).toBe(0);
    expect(await ping()).toBe('PONG');
    for (const end of ['stop', 'kill']) {
      expect(services(end, 'redis').status).toBe(0);
      expect(stateOf('redis')).toBe('stopped');
      expect(await ping()).toBe('no answer');
      expect(services('start', 'redis').status).toBe(0);
      expect(await ping()).toBe('PONG');
    }
    services('pause', 'redis');
    expect(services('stop', 'redis').status).toBe(0);
    expect(stateOf('redis')).toBe('stopped');
    services('start', 'redis');
    expect(services('down').status).toBe(0);
    expect(await ping()).toBe('no answer');
    expect(existsSync(join(folder, 'env'))).toBe(false);
  });

  test('signals no program that only has the number of one of its own', async () => {
    const other = spawn('sleep', ['60']);
    mkdirSync(join(folder, 'redis'));
    writeFileSync(join(folder, 'redis/pid'), `${other.pid}\n`);
    expect(stateOf('redis')).toBe('stopped');
    for (const command of ['stop', 'kill', 'down']) services(command, 'redis');
    const ended = once(other, 'exit');
    // The end by another signal would have come first.
    other.kill('SIGUSR1');
    expect(await ended).toEqual([null, 'SIGUSR1']);
  });

  test('says that a port is taken', async () => {
    const taken = await listen();
    port = taken.port;
    const { status, stderr } = services('up', 'redis');
    taken.server.close();
    expect(status).toBe(1);
    expect(stderr).toContain(`127.0.0.1:${port}, where redis is to listen, is taken`);
  });

  test('shows the end of the log of what does not come up', () => {
    const { status, stderr } = spawnSync('scripts/services', ['up', 'redis'], {
      encoding: 'utf8',
      env: { ...process.env, SERVICES_DIR: folder, REDIS_PORT: '99999' },
    });
    expect(status).toBe(1);
    expect(stderr).toMatch(/Invalid port|argument must be between/);
    expect(stderr).toContain('redis ended while starting');
  });
});

describe('scripts/services, called wrongly', () => {
  test.each([
    [[], 2, 'scripts/services up'],
    [['up', 'mysql'], 1, "no service 'mysql'"],
    [['stop'], 1, 'usage: scripts/services stop NAME'],
    [['stop', 'cassandra-2'], 1, "no service 'cassandra-2'"],
  ])('%j', (args, status, said) => {
    const result = services(...args);
    expect(result.status).toBe(status);
    expect(result.stderr).toContain(said);
  });

  test('a setting that is no number', () => {
    port = Number.NaN;
    const { status, stderr } = services('up', 'redis');
    expect(status).toBe(1);
    expect(stderr).toContain("REDIS_PORT is 'NaN'");
  });
});
