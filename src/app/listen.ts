/** Takes the port, and says which one to try when it is taken. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { CannotStart } from './cannot-start.ts';

const TRIED_PORTS = 50;
/**
 * Connections that wait to be taken, as far as the system allows. With Node's 511 a crowd of 2,000 that comes back at
 * once overflowed: its packets were dropped and asked for again a second later, and some connections were reset.
 */
const BACKLOG = 4_096;

/** The port that was taken: the one asked for, or any free one for 0. Throws CannotStart. */
export async function listen(server: Server, host: string, port: number): Promise<number> {
  try {
    server.listen({ port, host, backlog: BACKLOG });
    await once(server, 'listening');
  } catch (error) {
    throw await refusalOf(error, host, port);
  }
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address.port;
}

/** Finds out that a port is taken before anything slow is begun. Throws CannotStart. */
export async function checkPort(host: string, port: number): Promise<void> {
  const server = createServer();
  await listen(server, host, port);
  server.close();
  await once(server, 'close');
}

async function refusalOf(error: unknown, host: string, port: number): Promise<unknown> {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE') {
    const free = await freePortAfter(host, port);
    return new CannotStart(`Port ${port} of ${host} is taken. Try another: PORT=${free}`);
  }
  if (code === 'EACCES')
    return new CannotStart(`Port ${port} may not be used by you. Try another: PORT=4000`);
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return new CannotStart(`HOST is ${JSON.stringify(host)}, which is no address of this machine.`);
  }
  return error;
}

async function freePortAfter(host: string, taken: number): Promise<number> {
  for (let port = taken + 1; port <= Math.min(taken + TRIED_PORTS, 65_535); port += 1) {
    const server = createServer();
    try {
      server.listen(port, host);
      await once(server, 'listening');
      server.close();
      return port;
    } catch {
      // Taken as well.
    }
  }
  return 0;
}
