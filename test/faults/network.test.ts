/** What runs of faults stand on: lines that are slow and cut, and a way into another process. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Link, openLink } from './network.ts';

let heard = '';
let store: ReturnType<typeof createServer>;
let storePort = 0;
let link: Link;
let client: Socket;
let answer = '';

beforeEach(async () => {
  heard = answer = '';
  store = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      heard += chunk;
      socket.write(`[${chunk}]`);
    });
  }).listen(0, '127.0.0.1');
  await once(store, 'listening');
  const address = store.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  storePort = address.port;
  link = await openLink({ host: '127.0.0.1', port: storePort });
  client = connect(link.port, '127.0.0.1');
  client.on('data', (chunk) => (answer += chunk));
  await once(client, 'connect');
});
afterEach(async () => {
  client.destroy();
  await link.close();
  store.close();
});

const until = async (what: () => boolean): Promise<void> => {
  while (!what()) await sleep(5);
};

describe('a line to a store', () => {
  test('hands on what is said, both ways', async () => {
    client.write('a');
    await until(() => answer === '[a]');
    expect(heard).toBe('a');
    expect(link.taken()).toBe(1);
  });

  test('that is slow keeps order', async () => {
    link.delay(30);
    const began = performance.now();
    client.write('a');
    await sleep(2);
    client.write('b');
    await until(() => heard !== '');
    // Timers may come a little early.
    expect(performance.now() - began).toBeGreaterThan(28);
    await until(() => heard === 'ab' && answer.length > 3);
    expect(performance.now() - began).toBeGreaterThan(56);
  });

  test('that is cut lets nothing through, and all of it later, also of those who have hung up', async () => {
    client.write('a');
    await until(() => answer === '[a]');
    link.cut();
    client.write('b');
    const other = connect(link.port, '127.0.0.1');
    await once(other, 'connect');
    other.end('c');
    await sleep(60);
    client.destroy();
    await sleep(20);
    expect(heard).toBe('a');
    link.mend();
    await until(() => heard.length === 3);
    expect([...heard].toSorted().join('')).toBe('abc');
    expect(answer).toBe('[a]');
  });

  test('ends the far end after the near one', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    store.on('connection', (socket: Socket) => socket.on('end', resolve));
    const other = connect(link.port, '127.0.0.1');
    await once(other, 'connect');
    other.destroy();
    await promise;
  });
});

describe('within a process', () => {
  const folder = mkdtempSync(join(tmpdir(), 'backscroll-inside-'));
  const clock = join(folder, 'clock');
  const inside = async (script: string, env: Readonly<Record<string, string>>): Promise<string> => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--import', './test/faults/inside.ts', '--input-type=module', '-e', script],
      { env: { PATH: process.env.PATH, FAULTS_CLOCK: clock, ...env } },
    );
    return stdout.trim();
  };
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test('the clock is where it was set, in every way to ask, and the monotonic one is not', async () => {
    writeFileSync(clock, '3600000');
    const script = `
      const real = performance.timeOrigin + performance.now();
      await new Promise((resolve) => setTimeout(resolve, 200));
      const off = [Date.now(), new Date().getTime(), Date.parse(Date())].map((at) => Math.round((at - real) / 60000));
      console.log(off.join(), performance.now() < 60000, new Date(5) instanceof Date, new Date(5).getTime());`;
    expect(await inside(script, {})).toBe('60,60,60 true true 5');
  });

  test('connections to the store take the line, however they are made', async () => {
    const script = `
      import net from 'node:net';
      const ways = [
        () => net.connect({ host: '127.9.9.9', port: 7 }),
        () => net.createConnection(7, '127.9.9.9'),
        () => new net.Socket().connect(7, '127.9.9.9'),
        () => new net.Socket().connect('7', '127.9.9.9'),
      ];
      for (const way of ways) {
        const socket = way();
        await new Promise((resolve, reject) => socket.on('connect', resolve).on('error', reject));
        console.log(socket.remotePort);
        socket.destroy();
      }`;
    const said = await inside(script, { FAULTS_ROUTES: `127.9.9.9:7=${link.port}` });
    expect(said.split('\n')).toEqual(Array.from({ length: 4 }, () => String(link.port)));
  });
});
