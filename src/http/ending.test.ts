/** A server that ends finishes what was begun: requests on their way, answers that are read slowly; and no more than that. */
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { HttpEnding } from './ending.ts';

const REQUEST = 'GET / HTTP/1.1\r\nhost: here\r\n\r\n';
/** Beyond what systems keep for a connection on both sides. */
const LARGE = 40_000_000;
const FINISH_MS = 10_000;

const open: Socket[] = [];
afterEach(() => {
  for (const socket of open.splice(0)) socket.destroy();
});

async function serve(answer: RequestListener) {
  const server = createServer(answer);
  const ending = new HttpEnding(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = async (): Promise<Socket> => {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    open.push(socket);
    await once(socket, 'connect');
    return socket;
  };
  return { server, ending, client };
}

/** A connection that has been answered, and is kept. */
async function kept(client: Socket): Promise<string> {
  client.write(REQUEST);
  return String((await once(client, 'data'))[0]);
}

test('a request on its way to a server that ends is answered, as the last of its connection', async () => {
  const { ending, client } = await serve((_, response) => response.end('yes'));
  const socket = await client();
  expect(await kept(socket)).toContain('keep-alive');
  socket.write(REQUEST);
  const closed = ending.close(FINISH_MS);
  const rest = (await buffer(socket)).toString();
  expect(rest).toMatch(/^HTTP\/1.1 200 OK\r\n[\s\S]*connection: close\r\n[\s\S]*yes$/i);
  await closed;
});

test('an answer that is read slowly arrives whole', async () => {
  const { ending, client } = await serve((_, response) => response.end(Buffer.alloc(LARGE)));
  const socket = await client();
  socket.write(REQUEST);
  await sleep(50);
  const closed = ending.close(FINISH_MS);
  await sleep(300);
  expect((await buffer(socket)).length).toBeGreaterThan(LARGE);
  await closed;
});

test('what does not finish is cut in the end, and so is what says nothing', async () => {
  const { ending, client } = await serve(() => undefined);
  const [asking, silent] = [await client(), await client()];
  asking.write(REQUEST);
  await sleep(50);
  const ends = [once(asking, 'close'), once(silent, 'close')];
  await ending.close(200);
  await Promise.all(ends);
});

test('takes no new connections while it finishes', async () => {
  let finish: () => void = () => undefined;
  const { server, ending, client } = await serve((_, response) => {
    finish = () => response.end('late');
  });
  const socket = await client();
  socket.write(REQUEST);
  await once(server, 'request');
  const { port } = server.address() as AddressInfo;
  const closed = ending.close(FINISH_MS);
  const another = connect(port, '127.0.0.1');
  await expect(once(another, 'connect')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  finish();
  expect((await buffer(socket)).toString()).toMatch(/connection: close[\s\S]*late$/i);
  await closed;
});

test('from the beginning of its end each answer is the last of its connection, and all is taken as before', async () => {
  const { ending, client } = await serve((_, response) => response.end('yes'));
  const before = await client();
  expect(await kept(before)).toContain('keep-alive');
  ending.begin();
  for (const socket of [before, await client()]) {
    expect(await kept(socket)).toMatch(/connection: close/i);
    await once(socket, 'close');
  }
  await ending.close(FINISH_MS);
});

test('a server without connections ends at once, also without having been told before', async () => {
  const { server, ending } = await serve((_, response) => response.end());
  await ending.close(FINISH_MS);
  expect(server.listening).toBe(false);
});
