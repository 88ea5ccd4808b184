/**
 * The canary: what raw-socket.ts takes for granted of ws, asked of the version that is installed. When one of these
 * fails after an update of ws, look at how its Sender writes before the version here is raised.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { Duplex } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { textFrame } from './frame.ts';
import { RawSocket } from './raw-socket.ts';

interface Insides {
  readonly _socket: Duplex;
  readonly _sender: { readonly _state: number; readonly _queue: unknown[]; readonly _bufferedBytes: number };
}
const inside = (ws: WebSocket) => ws as unknown as Insides;

let server: { ws: WebSocket; raw: Duplex };
let client: WebSocket;
let heard: string[];
let stop: () => void;

beforeEach(async () => {
  const http = createServer().listen(0, '127.0.0.1');
  await once(http, 'listening');
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  const opened = new Promise<typeof server>((resolve) => {
    http.on('upgrade', (request, raw, head) =>
      sockets.handleUpgrade(request, raw, head, (ws) => resolve({ ws, raw })),
    );
  });
  const address = http.address();
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  client = new WebSocket(`ws://127.0.0.1:${address.port}`);
  heard = [];
  client.on('message', (data) => heard.push(String(data)));
  client.on('ping', (data) => heard.push(`ping ${data}`));
  client.on('error', (error) => heard.push(`error ${error.message}`));
  server = await opened;
  await once(client, 'open');
  stop = () => {
    client.terminate();
    http.close();
  };
});
afterEach(() => stop());

test('this is the ws that it was written for', () => {
  const { version } = createRequire(import.meta.url)('ws/package.json');
  expect(version).toBe('8.23.0');
});

describe('ws', () => {
  test('writes to the very socket that was upgraded, and queues nothing', () => {
    const { _socket, _sender } = inside(server.ws);
    expect(_socket).toBe(server.raw);
    expect(_sender).toMatchObject({ _state: 0, _bufferedBytes: 0 });
    expect(_sender._queue).toEqual([]);
    expect(server.ws.extensions).toBe('');
  });

  test('writes each of its frames at once, in one piece or corked together', () => {
    const written: string[] = [];
    const { write } = server.raw;
    server.raw.write = (chunk: Buffer | string, ...rest: never[]) => {
      written.push(Buffer.from(chunk as string, 'latin1').toString('latin1'));
      return Reflect.apply(write, server.raw, [chunk, ...rest]);
    };
    server.ws.ping('a');
    server.ws.pong('b');
    server.ws.send('c');
    server.ws.close(1000);
    expect(written.join('')).toBe('\x89\x01a\x8a\x01b\x81\x01c\x88\x02\x03\xe8');
    expect(server.ws.readyState).toBe(WebSocket.CLOSING);
  });

  test('counts what was written past it among what is buffered', () => {
    server.raw.cork();
    server.raw.write('12345');
    expect(server.ws.bufferedAmount).toBe(5);
    server.raw.uncork();
  });
});

describe('a raw socket', () => {
  test('writes whole frames between those of ws, in the order of the calls', async () => {
    const raw = new RawSocket(server.ws, server.raw);
    raw.write(textFrame('one') + textFrame('zwölf'));
    server.ws.ping('p');
    raw.write(textFrame('two'));
    server.ws.send('three');
    raw.write(textFrame('x'.repeat(70_000)));
    server.ws.close(1012, 'restarting');
    expect(raw.isOpen).toBe(false);
    const [code, reason] = await once(client, 'close');
    expect([...heard.slice(0, 5), code, String(reason)]).toEqual([
      'one',
      'zwölf',
      'ping p',
      'two',
      'three',
      1012,
      'restarting',
    ]);
    expect(heard[5]).toHaveLength(70_000);
  });

  test('knows what the system has not taken, and calls back when it has', async () => {
    const raw = new RawSocket(server.ws, server.raw);
    raw.write(textFrame('small'));
    expect(raw.waitingBytes).toBe(0);
    client.pause();
    let frames = 0;
    while (raw.waitingBytes === 0) {
      raw.write(textFrame('x'.repeat(50_000)));
      frames += 1;
    }
    const written = new Promise<void>((resolve) => raw.whenWritten(resolve));
    raw.write(textFrame('last'));
    client.resume();
    await written;
    expect(raw.waitingBytes).toBe(0);
    while (heard.at(-1) !== 'last') await once(client, 'message');
    expect(heard.length).toBe(frames + 2);
  });

  test('calls back too when the socket is lost', async () => {
    const raw = new RawSocket(server.ws, server.raw);
    client.pause();
    while (raw.waitingBytes === 0) raw.write(textFrame('x'.repeat(50_000)));
    const written = new Promise<void>((resolve) => raw.whenWritten(resolve));
    server.ws.terminate();
    await written;
    expect(raw.isOpen).toBe(false);
  });

  test('is not open any more once the client has begun to close', async () => {
    const raw = new RawSocket(server.ws, server.raw);
    const closing = once(server.ws, 'close');
    client.close();
    while (raw.isOpen) await new Promise((resolve) => setImmediate(resolve));
    await closing;
  });
});
