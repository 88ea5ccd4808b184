/** A client's socket, as thin as can be (graphql-transport-ws over ws), so that the machine is left to the server. */
import { once } from 'node:events';
import { WebSocket } from 'ws';

const ANSWER_MS = 15_000;

interface Answer {
  readonly id?: string;
  readonly type: string;
  readonly payload?: { readonly data?: unknown; readonly errors?: unknown } | readonly unknown[];
}

export class Socket {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<string, { resolve: (data: unknown) => void; reject: (error: Error) => void }>();
  #nextId = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data) => this.#receive(JSON.parse(data.toString())));
    socket.on('close', (code, reason) => this.#fail(new Error(`the socket was closed: ${code} ${reason}`)));
    socket.on('error', (error) => this.#fail(error));
  }

  /** Connected and acknowledged. */
  static async open(url: string, token: string): Promise<Socket> {
    const socket = new WebSocket(url, 'graphql-transport-ws', { perMessageDeflate: false });
    await once(socket, 'open', { signal: AbortSignal.timeout(ANSWER_MS) });
    const acknowledged = once(socket, 'message', { signal: AbortSignal.timeout(ANSWER_MS) });
    socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } }));
    await acknowledged;
    return new Socket(socket);
  }

  /** The data of a query or a mutation; throws for an answer with errors. */
  async execute(query: string, variables: object): Promise<unknown> {
    const id = String(++this.#nextId);
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#waiting.set(id, { resolve, reject });
    this.#socket.send(JSON.stringify({ id, type: 'subscribe', payload: { query, variables } }));
    const late = setTimeout(() => reject(new Error(`no answer within ${ANSWER_MS / 1_000} s`)), ANSWER_MS);
    try {
      return await promise;
    } finally {
      clearTimeout(late);
      this.#waiting.delete(id);
    }
  }

  close(): void {
    this.#socket.close();
  }

  #receive({ id, type, payload }: Answer): void {
    if (type === 'ping') this.#socket.send('{"type":"pong"}');
    const waiting = this.#waiting.get(id ?? '');
    if (waiting === undefined || type === 'complete') return;
    if (payload === undefined || !('data' in payload) || payload.errors !== undefined) {
      waiting.reject(new Error(`the server answered ${JSON.stringify(payload)}`));
    } else {
      waiting.resolve(payload.data);
    }
  }

  #fail(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error);
  }
}
