/** Whatever a client sends, it gets the answer that the contract names, and its neighbours never notice. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { limits } from '../chat/limits.ts';
import { startEdge, TestClient, type TestEdge } from './testing/edge-server.ts';

let server: TestEdge;
let neighbour: TestClient;
beforeEach(async () => {
  server = await startEdge();
  neighbour = await TestClient.open(server.url, { authorization: 'neighbour' });
  neighbour.subscribe('s', 'subscription { numbers { n } }');
  await neighbour.expect('next', 's');
});
afterEach(async () => {
  await expectUnharmed(neighbour);
  await server.close();
});

const signedIn = () => TestClient.open(server.url, { authorization: 'ada' });
const errorCode = (message: { payload?: unknown }) =>
  (message.payload as { extensions: { code: string } }[])[0]?.extensions.code;

/** Its subscription goes on without a gap, and it is answered. */
async function expectUnharmed(client: TestClient): Promise<void> {
  const heard = () => client.heard.filter((m) => m.id === 's');
  const before = heard().length;
  await vi.waitFor(() => expect(heard().length).toBeGreaterThan(before));
  const numbers = heard().map((m) => (m.payload as { data: { numbers: { n: number } } }).data.numbers.n);
  expect(numbers).toEqual(numbers.map((_, i) => i + 1));
  client.subscribe('unharmed', '{ me }');
  await client.expect('complete', 'unharmed');
}

/** A connection that is signed in and writes bytes as it likes; frames are masked with zeros. */
async function rawClient(): Promise<Socket> {
  const { port } = new URL(server.url);
  const socket = connect(Number(port), '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(
    'GET /graphql HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n' +
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n',
  );
  await once(socket, 'data');
  socket.write(frame(0x81, JSON.stringify({ type: 'connection_init', payload: { authorization: 'ada' } })));
  await once(socket, 'data');
  return socket;
}

function frame(firstByte: number, payload: string | Buffer): Buffer {
  const body = Buffer.from(payload);
  const head = Buffer.from([firstByte, 0x80 | Math.min(body.length, 126)]);
  const length = Buffer.alloc(body.length < 126 ? 0 : 2);
  if (body.length >= 126) length.writeUInt16BE(body.length);
  return Buffer.concat([head, length, Buffer.alloc(4), body]);
}

describe('frames', () => {
  test.each([
    ['of bytes', Buffer.from([1, 2, 255])],
    ['with a message in it', Buffer.from('{"type":"ping"}')],
  ])('a binary one %s is no message: 4400', async (_, bytes) => {
    const client = await signedIn();
    client.ws.send(bytes, { binary: true });
    expect(await client.closed).toEqual({ code: 4400, reason: 'Invalid message received' });
  });

  test.each([
    { type: 'connection_ack' },
    { type: 'next', id: 'q', payload: { data: {} } },
    { type: 'error', id: 'q', payload: [{ message: 'x' }] },
    { type: 'else' },
  ])('a message that is not for a client to send: 4400 ($type)', async (message) => {
    const client = await signedIn();
    client.send(message);
    expect(await client.closed).toEqual({ code: 4400, reason: 'Invalid message received' });
  });

  test('a text that is no UTF-8: 1007', async () => {
    const client = await signedIn();
    client.ws.send(Buffer.from([0xff, 0xfe]), { binary: false });
    expect((await client.closed).code).toBe(1007);
  });

  test('fragments are one message; over the limit together: 1009', async () => {
    const client = await signedIn();
    const text = JSON.stringify({ id: 'q', type: 'subscribe', payload: { query: '{ me }' } });
    client.ws.send(text.slice(0, 10), { fin: false });
    client.ws.send(text.slice(10), { fin: true });
    await client.expect('complete', 'q');
    const half = ' '.repeat(limits.frameBytes / 2 + 1);
    client.ws.send(half, { fin: false });
    client.ws.send(half, { fin: true });
    expect((await client.closed).code).toBe(1009);
  });

  test('one that comes byte by byte is one message; half of one is none, and its socket goes with it', async () => {
    const socket = await rawClient();
    const bytes = frame(0x81, '{"type":"ping"}');
    for (const [i] of bytes.entries()) {
      socket.write(bytes.subarray(i, i + 1));
      if (i < 4) await sleep(5);
    }
    const [answer] = await once(socket, 'data');
    expect(String(answer)).toContain('"pong"');
    socket.write(bytes.subarray(0, 9));
    await sleep(20);
    expect(server.edge.size).toBe(2);
    socket.destroy();
    await vi.waitFor(() => expect(server.edge.size).toBe(1));
  });

  test('an unmasked or reserved one: 1002', async () => {
    for (const bytes of [Buffer.from('\x81\x0f{"type":"ping"}'), frame(0xf1, 'x')]) {
      const socket = await rawClient();
      const chunks: Buffer[] = [];
      socket.on('data', (chunk) => chunks.push(chunk));
      socket.write(bytes);
      await once(socket, 'close');
      expect(Buffer.concat(chunks).readUInt16BE(2)).toBe(1002);
    }
  });
});

describe('floods', () => {
  test('of pings that are read: a few are answered, thousands at a time cut the socket', async () => {
    const client = await signedIn();
    let pongs = 0;
    client.ws.on('pong', () => {
      pongs += 1;
    });
    const ping = (count: number) => {
      for (let i = 0; i < count; i += 1) client.ws.ping(Buffer.alloc(125));
    };
    ping(50);
    await vi.waitFor(() => expect(pongs).toBe(50));
    client.subscribe('q', '{ me }');
    await client.expect('complete', 'q');
    ping(5_000);
    expect((await client.closed).code).toBe(1006);
  });

  test('of pings whose answers are not read: cut, with little held', async () => {
    const socket = await rawClient();
    socket.pause();
    const before = process.memoryUsage().arrayBuffers;
    const flood = Buffer.concat(Array.from({ length: 500 }, () => frame(0x89, Buffer.alloc(125))));
    const isCut = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    const writing = setInterval(() => {
      if (socket.writableLength < 1_000_000) socket.write(flood);
    }, 1);
    await vi.waitFor(() => expect(server.edge.size).toBe(1), 20_000);
    clearInterval(writing);
    socket.resume();
    await isCut;
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(32 * 1024 * 1024);
  });

  test("of the protocol's own pings whose answers are not read: 1013 slow consumer", async () => {
    const client = await signedIn();
    client.ws.pause();
    const ping = JSON.stringify({ type: 'ping', payload: { pad: 'x'.repeat(100_000) } });
    for (let i = 0; i < 200; i += 1) client.send(ping);
    // All but what the system holds has come to the server, however busy the machine is.
    await vi.waitFor(() => expect(client.ws.bufferedAmount).toBe(0), 20_000);
    client.ws.resume();
    expect(await client.closed).toEqual({ code: 1013, reason: 'slow consumer' });
  });

  test('a ping nested too deeply to be answered: 4400, as bad input is', async () => {
    const client = await signedIn();
    client.send({ type: 'ping', payload: { n: 1 } });
    expect(await client.expect('pong')).toEqual({ type: 'pong', payload: { n: 1 } });
    // As deep as a message has room for.
    const deep = 100_000;
    client.send(`{"type":"ping","payload":{"a":${'['.repeat(deep)}${']'.repeat(deep)}}}`);
    expect(await client.closed).toEqual({ code: 4400, reason: 'Invalid message received' });
  });

  test('10,000 operations at once: each is answered or RATE_LIMITED, and the socket goes on', async () => {
    const client = await signedIn();
    for (let i = 0; i < 10_000; i += 1) client.subscribe(`q${i}`, '{ me }');
    const ends = () => client.heard.filter((m) => m.type === 'complete' || m.type === 'error');
    await vi.waitFor(() => expect(ends()).toHaveLength(10_000), 20_000);
    expect(new Set(ends().map((m) => m.id)).size).toBe(10_000);
    for (const message of ends().filter((m) => m.type === 'error')) {
      expect(errorCode(message)).toBe('RATE_LIMITED');
    }
    client.subscribe('after', '{ me }');
    await client.expect('complete', 'after');
  });

  test('10,000 that are completed at once: no more of them run than twice a socketful', async () => {
    const client = await signedIn();
    for (let i = 0; i < 10_000; i += 1) {
      client.subscribe(`q${i}`, '{ never }');
      client.send({ id: `q${i}`, type: 'complete' });
    }
    client.subscribe('after', '{ me }');
    expect(errorCode(await client.expect('error', 'after'))).toBe('RATE_LIMITED');
    client.ws.terminate();
  });
});

describe('ids', () => {
  test.each(['a', 'x'.repeat(200), '__proto__', 'constructor', 'ü'.repeat(100), '"\\\n'])(
    'twice at a time: 4409 (%.12s)',
    async (id) => {
      const client = await signedIn();
      client.subscribe(id, 'subscription { numbers { n } }');
      await client.expect('next', id);
      client.subscribe(id, '{ me }');
      const { code, reason } = await client.closed;
      expect(code).toBe(4409);
      expect(reason).toMatch(/^Subscriber .*already exists$/s);
    },
  );

  test('one that is too long ends its operation and not the socket', async () => {
    const client = await signedIn();
    const long = 'x'.repeat(257);
    client.subscribe(long, '{ me }');
    expect(errorCode(await client.expect('error', long))).toBe('BAD_USER_INPUT');
    client.subscribe('x'.repeat(256), '{ me }');
    await client.expect('complete', 'x'.repeat(256));
  });

  test('one whose subscription was completed may be used again at once, many times', async () => {
    const client = await signedIn();
    for (let i = 0; i < 100; i += 1) {
      client.subscribe('a', 'subscription { numbers { n } }');
      client.send({ id: 'a', type: 'complete' });
    }
    client.subscribe('a', 'subscription { numbers { n } }');
    await client.expect('next', 'a');
    await sleep(50);
    expect(client.heard.filter((m) => m.id === 'a' && m.type === 'complete')).toEqual([]);
    expect(server.streams.size).toBe(2);
    client.send({ id: 'a', type: 'complete' });
    await vi.waitFor(() => expect(server.streams.size).toBe(1));
  });

  test('one whose query was completed gets the answer of the next, not of the first', async () => {
    const client = await signedIn();
    const echo = (t: string) =>
      client.subscribe('m', 'mutation($t: String) { echo(text: $t) }', { variables: { t } });
    echo('one');
    client.send({ id: 'm', type: 'complete' });
    echo('two');
    client.send({ id: 'm', type: 'complete' });
    echo('three');
    await client.expect('complete', 'm');
    expect(client.heard.filter((m) => m.id === 'm').map((m) => m.payload)).toEqual([
      { data: { echo: 'ada: three' } },
      undefined,
    ]);
  });

  test('one that waits for an older operation is as taken as any', async () => {
    const client = await signedIn();
    client.subscribe('n', '{ never }');
    client.send({ id: 'n', type: 'complete' });
    client.subscribe('n', '{ me }');
    client.subscribe('n', '{ me }');
    expect((await client.closed).code).toBe(4409);
  });
});
