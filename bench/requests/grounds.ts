/** Backscroll with its embedded stores and the usual recipe with PostgreSQL and Redis, both running, each its own process. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Contender } from '../measure.ts';
import { startServer } from '../send/server.ts';
import { type Client, openClient, type RequestServer, TRANSPORTS, type Transport } from './client.ts';
import { startUsualRecipe } from './usual-recipe.ts';

export const SERVERS = ['Backscroll, embedded', 'the usual recipe'] as const;
export type ServerName = (typeof SERVERS)[number];

export interface Ground {
  readonly servers: Readonly<Record<ServerName, RequestServer>>;
  close(): Promise<void>;
}

export async function openGround(): Promise<Ground> {
  await using opening = new AsyncDisposableStack();
  const dir = await mkdtemp(join(tmpdir(), 'backscroll-bench-'));
  opening.defer(() => rm(dir, { recursive: true }));
  const own = await startServer(dir, {});
  opening.defer(() => own.stop());
  const recipe = await startUsualRecipe();
  opening.defer(() => recipe.stop());
  const running = opening.move();
  return {
    servers: { 'Backscroll, embedded': own, 'the usual recipe': recipe },
    close: () => running.disposeAsync(),
  };
}

export interface Requester extends Contender {
  readonly server: ServerName;
  readonly transport: Transport;
}

/**
 * A contender for each server and transport, the usual recipe first.
 * @param request what one sender asks of a server; made once for each.
 */
export async function requesters(
  { servers }: Ground,
  senders: number,
  requestOf: (server: ServerName) => (client: Client, sender: number) => Promise<void>,
  undo: (close: () => void) => void,
): Promise<readonly Requester[]> {
  const made: Requester[] = [];
  for (const transport of TRANSPORTS) {
    for (const name of SERVERS.toReversed()) {
      const server = servers[name];
      const clients: Client[] = [];
      undo(() => clients.forEach((client) => void client.close()));
      for (let i = 0; i < senders; i++) clients.push(await openClient(server, transport, `person-${i}`));
      const ask = requestOf(name);
      made.push({
        name: `${name}, ${transport}`,
        server: name,
        transport,
        cpuMicros: server.cpuMicros,
        send: (sender) => {
          const client = clients[sender];
          if (client === undefined) throw new Error('there is a client for every sender');
          return ask(client, sender);
        },
      });
    }
  }
  return made;
}
