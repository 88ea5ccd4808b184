/** The answer to a request for a WebSocket that gets none. */
import type { Duplex } from 'node:stream';

/**
 * Nothing is left of the connection: whoever asked may keep their side open for as long as they like, and nobody counts
 * a connection that has been upgraded.
 */
export function refuseUpgrade(socket: Duplex, status: string, message = ''): void {
  socket.once('finish', () => socket.destroy());
  socket.end(
    `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-type: text/plain\r\ncontent-length: ${Buffer.byteLength(message)}\r\n\r\n${message}`,
  );
}
