/** An edge on a port of its own, and a bare client. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { WebSocket } from 'ws';
import type { ConnectionRegistry } from '../../chat/connections/port.ts';
import { limits } from '../../chat/limits.ts';
import { silentLogger } from '../../chat/logger.ts';
import { testOperations, testViewers } from '../../operation/testing/test-operations.ts';
import { createConnectionRegistry } from '../../realtime/connections/registry.ts';
import { createInProcessBus } from '../../realtime/in-process/bus.ts';
import { ConnectionCount } from '../connection-count.ts';
import { createEdge, type Edge, type EdgePorts } from '../edge.ts';

export interface TestEdge {
  readonly edge: Edge;
  readonly url: string;
  /** Event streams open now. */
  readonly streams: Set<unknown>;
  readonly registry: ConnectionRegistry;
  close(): Promise<void>;
}

export async function startEdge(options: Partial<EdgePorts> = {}): Promise<TestEdge> {
  const streams = new Set<unknown>();
  const registry = createConnectionRegistry({
    bus: createInProcessBus(),
    replicaId: randomUUID(),
    logger: silentLogger,
  });
  const edge = createEdge({
    registry,
    operations: testOperations(streams),
    viewers: testViewers,
    connections: new ConnectionCount(limits.connectionsPerUser),
    clock: { now: () => Date.now() },
    logger: silentLogger,
    ...options,
  });
  const server = createServer().on('upgrade', edge.upgrade).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return {
    edge,
    url: `ws://127.0.0.1:${address.port}/graphql`,
    streams,
    registry,
    close: async () => {
      await edge.close();
      server.closeAllConnections();
      server.close();
    },
  };
}

interface Message {
  readonly id?: string;
  readonly type: string;
  readonly payload?: unknown;
}

/** A client that sends what it is told and keeps what it hears. */
export class TestClient {
  readonly heard: Message[] = [];
  readonly ws: WebSocket;
  /** Code and reason, once closed. */
  readonly closed: Promise<{ code: number; reason: string }>;
  #heardMore = Promise.withResolvers<undefined>();

  constructor(url: string, protocol = 'graphql-transport-ws') {
    this.ws = new WebSocket(url, protocol);
    this.ws.on('message', (data) => {
      this.heard.push(JSON.parse(String(data)));
      this.#heardMore.resolve(undefined);
      this.#heardMore = Promise.withResolvers<undefined>();
    });
    this.ws.on('error', () => undefined);
    const { promise, resolve } = Promise.withResolvers<{ code: number; reason: string }>();
    this.closed = promise;
    this.ws.once('close', (code, reason) => resolve({ code, reason: String(reason) }));
  }

  /** Connects and asks to be let in, without waiting for the answer. */
  static async knock(url: string, params?: object): Promise<TestClient> {
    const client = new TestClient(url);
    await once(client.ws, 'open');
    client.send({ type: 'connection_init', ...(params ? { payload: params } : {}) });
    return client;
  }

  static async open(url: string, params?: object): Promise<TestClient> {
    const client = await TestClient.knock(url, params);
    await client.expect('connection_ack');
    return client;
  }

  send(message: object | string): void {
    this.ws.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  subscribe(id: string, query: string, more: object = {}): void {
    this.send({ id, type: 'subscribe', payload: { query, ...more } });
  }

  /** The first message that fits, heard already or yet to come; rejects when the socket closes before. */
  async expect(type: string, id?: string): Promise<Message> {
    for (;;) {
      const found = this.heard.find((m) => m.type === type && (id === undefined || m.id === id));
      if (found) return found;
      const closed = await Promise.race([this.#heardMore.promise, this.closed]);
      if (closed) throw new Error(`closed with ${closed.code} ${closed.reason} while waiting for ${type}`);
    }
  }
}
