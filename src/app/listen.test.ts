import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test, vi } from 'vitest';
import { checkPort, listen } from './listen.ts';

test('a crowd finds room to wait until it is taken', async () => {
  const server = createServer();
  const listening = vi.spyOn(server, 'listen');
  const port = await listen(server, '127.0.0.1', 0);
  expect(listening).toHaveBeenCalledWith({ port: 0, host: '127.0.0.1', backlog: 4_096 });
  expect(server.address()).toMatchObject({ port, address: '127.0.0.1' });
  await expect(checkPort('127.0.0.1', port)).rejects.toThrow(`Port ${port} of 127.0.0.1 is taken.`);
  server.close();
  await once(server, 'close');
  await checkPort('127.0.0.1', port);
});
