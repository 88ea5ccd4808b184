/** How a peer is started (a port, Redis's address) and how it ends: when told to, or with the benchmark. */
import type { Server } from 'node:http';

export interface PeerSettings {
  readonly port: number;
  readonly redisUrl: string;
  /** Where messages are kept; without one in memory only. */
  readonly databaseUrl: string | null;
}

export function peerSettings(): PeerSettings {
  const [port, redisUrl, databaseUrl = null] = process.argv.slice(2);
  if (port === undefined || redisUrl === undefined) throw new Error('PORT and REDIS_URL are needed');
  return { port: Number(port), redisUrl, databaseUrl };
}

export function serve(server: Server, { port }: PeerSettings): void {
  server.listen(port, '127.0.0.1', ready);
}

/** Told to whoever started this process; without them it ends. */
export function ready(): void {
  process.on('disconnect', () => process.exit());
  process.send?.('ready');
}
