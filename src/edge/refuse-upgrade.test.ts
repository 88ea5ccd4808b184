import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { expect, test, vi } from 'vitest';
import { refuseUpgrade } from './refuse-upgrade.ts';

test('whoever is refused is told why, and holds no connection by not closing it', async () => {
  const server = createServer().on('upgrade', (_, socket) =>
    refuseUpgrade(socket, '404 Not Found', 'It is at /graphql.'),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  // Its own side stays open after the server's has ended.
  const client = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  let heard = '';
  client.on('data', (data) => {
    heard += String(data);
  });
  client.on('error', () => undefined);
  client.write('GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n');
  await once(client, 'end');
  expect(heard).toMatch(/^HTTP\/1.1 404 Not Found\r\n.*content-length: 18\r\n\r\nIt is at \/graphql\.$/s);
  const held = () =>
    new Promise<number>((resolve, reject) =>
      server.getConnections((error, count) => (error === null ? resolve(count) : reject(error))),
    );
  await vi.waitFor(async () => expect(await held()).toBe(0));
  client.destroy();
  server.close();
});
