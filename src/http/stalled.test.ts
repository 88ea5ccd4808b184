/** Clients that stop reading what they asked for hold no connection for ever. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { Meters } from '../telemetry/meters.ts';
import { createMetrics } from './metrics.ts';
import { startHttp, type TestHttp } from './testing/http-server.ts';

const STALLED_MS = 100;
/** Beyond what systems keep for a connection on both sides. */
const LARGE = 20_000_000;

let http: TestHttp | undefined;
afterEach(() => http?.close());

const metrics = { ...createMetrics(new Meters()), text: async () => 'x'.repeat(LARGE) };

async function asking(): Promise<Socket> {
  http = await startHttp({ metrics, stalledMs: STALLED_MS });
  const socket = connect(http.port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write('GET /metrics HTTP/1.1\r\nhost: here\r\n\r\n');
  return socket;
}

test('an answer of which nothing is taken is given up', async () => {
  const socket = await asking();
  socket.pause();
  await sleep(5 * STALLED_MS);
  let taken = 0;
  socket.on('data', (some) => (taken += some.length)).resume();
  await once(socket, 'close');
  expect(taken).toBeLessThan(LARGE);
});

test('an answer that is read slowly is given whole', async () => {
  const socket = await asking();
  let taken = 0;
  socket.on('data', (some) => {
    taken += some.length;
    socket.pause();
    // Longer in all than the time after which nothing is waited for.
    setTimeout(() => socket.resume(), 1);
  });
  await expect.poll(() => taken, { timeout: 20_000 }).toBeGreaterThan(LARGE);
  socket.destroy();
});

test('a WebSocket may be silent for as long as it likes', async () => {
  const sockets = new WebSocketServer({ noServer: true });
  http = await startHttp({
    stalledMs: STALLED_MS,
    upgrade: (request, raw, head) => sockets.handleUpgrade(request, raw, head, () => undefined),
  });
  const socket = new WebSocket(http.url.replace('http', 'ws'));
  await once(socket, 'open');
  await sleep(3 * STALLED_MS);
  expect(socket.readyState).toBe(WebSocket.OPEN);
  socket.terminate();
});
