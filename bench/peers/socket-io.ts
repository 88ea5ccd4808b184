/**
 * Socket.IO with its Redis adapter, as its documentation has it: a client joins a room, what is posted is emitted to
 * the room. (The adapter hands it to this server's own sockets at once and to other servers over Redis.)
 */
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { createAdapter } from '@socket.io/redis-adapter';
import { Redis } from 'ioredis';
import { Server } from 'socket.io';
import { peerSettings, serve } from './serve.ts';

const settings = peerSettings();
const pubClient = new Redis(settings.redisUrl);
const subClient = pubClient.duplicate();

const server = createServer((request, response) => {
  // Socket.IO answers what comes to its own path.
  if (request.url?.startsWith('/socket.io/')) return;
  json(request)
    .then((event) => {
      io.to(request.url?.slice(1) ?? '').emit('event', event);
      response.end('{}');
    })
    .catch((error: unknown) => response.writeHead(500).end(String(error)));
});
const io = new Server(server, {
  adapter: createAdapter(pubClient, subClient),
  transports: ['websocket'],
  perMessageDeflate: false,
});
io.on('connection', (socket) => {
  socket.on('join', (channel: string) => void socket.join(channel));
});

serve(server, settings);
