/**
 * The floor: what is posted goes through Redis as it came, and by ws to every socket of its channel. It knows nothing
 * of what it carries.
 */
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { Redis } from 'ioredis';
import { type WebSocket, WebSocketServer } from 'ws';
import { peerSettings, serve } from './serve.ts';

const settings = peerSettings();
const publisher = new Redis(settings.redisUrl);
const subscriber = new Redis(settings.redisUrl);
const channels = new Map<string, Set<WebSocket>>();

/** The channel is the path, for posting and for listening. */
const channelOf = (url = '/'): string => url.slice(1);

subscriber.on('message', (channel, message) => {
  for (const socket of channels.get(channel) ?? []) socket.send(message);
});

const server = createServer((request, response) => {
  text(request)
    .then((message) => publisher.publish(channelOf(request.url), message))
    .then(() => response.end('{}'))
    .catch((error: unknown) => response.writeHead(500).end(String(error)));
});

new WebSocketServer({ server, perMessageDeflate: false }).on('connection', (socket, request) => {
  const channel = channelOf(request.url);
  const sockets = channels.get(channel) ?? new Set();
  if (sockets.size === 0) {
    channels.set(channel, sockets);
    subscriber.subscribe(channel).catch((error: unknown) => socket.close(1011, String(error)));
  }
  sockets.add(socket);
  socket.on('error', console.error);
  socket.on('close', () => sockets.delete(socket));
});

serve(server, settings);
