/** How a subscriber talks to each kind of server. */
import { randomUUID } from 'node:crypto';

export interface Wire {
  path(channel: string): string;
  readonly protocol: string | null;
  /** Said once the socket is open; null where there is nothing to say. */
  hello(token: string): string | null;
  /** The server's answer to that: the subscriber is connected. */
  isWelcome(text: string): boolean;
  /** Null where being connected is being subscribed. */
  subscribe(channel: string, document: string): string | null;
  /** What must be answered to stay connected. */
  reply(text: string): string | null;
}

const graphql: Wire = {
  path: () => '/graphql',
  protocol: 'graphql-transport-ws',
  hello: (token) =>
    JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } }),
  isWelcome: (text) => text.includes('connection_ack'),
  // A UUID, as the clients in use name their operations.
  subscribe: (channel, document) =>
    JSON.stringify({
      id: randomUUID(),
      type: 'subscribe',
      payload: { query: document, variables: { channelId: channel } },
    }),
  reply: (text) => {
    if (text.includes('"errors"') || text.includes('"type":"error"')) throw new Error(text);
    return text.includes('"type":"ping"') ? '{"type":"pong"}' : null;
  },
};

/** Engine.IO's frames: 0 open, 2 ping, 3 pong, 4 message; Socket.IO's within: 0 connect, 2 event. */
const socketIo: Wire = {
  path: () => '/socket.io/?EIO=4&transport=websocket',
  protocol: null,
  hello: () => '40',
  isWelcome: (text) => text.startsWith('40'),
  subscribe: (channel) => `42${JSON.stringify(['join', channel])}`,
  reply: (text) => (text === '2' ? '3' : null),
};

const bare: Wire = {
  path: (channel) => `/${channel}`,
  protocol: null,
  hello: () => null,
  isWelcome: () => false,
  subscribe: () => null,
  reply: () => null,
};

export const wires = { graphql, socketIo, bare } as const;
export type WireName = keyof typeof wires;
