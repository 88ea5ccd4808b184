/** Everything that a server says, as bytes: HTTP answers with their headers, and every frame of a socket with the close. */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import WebSocket from 'ws';

/** What was asked and what was said to it. */
export interface Said {
  readonly asked: string;
  readonly said: string;
}

/** One operation over HTTP. */
export async function overHttp(
  url: string,
  token: string | null,
  query: string,
): Promise<Said & { body: string }> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ query }),
    signal: AbortSignal.timeout(20_000),
  });
  const body = await response.text();
  return { asked: `${query} ${token}`, said: `${JSON.stringify([...response.headers])}\n${body}`, body };
}

/** What one operation over a socket gave, frame by frame. */
export interface Operation {
  readonly query: string;
  readonly frames: string[];
  isOver: boolean;
}

/** How many of a socket's operations are left open: the oldest gives way. */
const MOST_OPEN = 20;

/** Whoever opens it closes it. */
export class Wire {
  readonly #socket: WebSocket;
  readonly #operations = new Map<string, Operation>();
  readonly #open: string[] = [];
  #next = 0;
  #told: (said: Said) => void;
  closedBy: string | null = null;

  /** @param told of each frame, with what it is about. */
  constructor(url: string, told: (said: Said) => void) {
    this.#told = told;
    this.#socket = new WebSocket(url, 'graphql-transport-ws');
    this.#socket.on('error', () => undefined); // A close follows.
    this.#socket.on('message', (data) => this.#take(String(data)));
    this.#socket.on('close', (code, reason) => {
      this.closedBy = `${code} ${reason}`;
      told({ asked: '', said: this.closedBy });
      for (const operation of this.#operations.values()) operation.isOver = true;
    });
  }

  /** False when it was closed instead. */
  async signIn(token: string): Promise<boolean> {
    if (this.#socket.readyState === WebSocket.CONNECTING)
      await Promise.race([once(this.#socket, 'open'), once(this.#socket, 'close')]);
    const acknowledged = new Promise<boolean>((resolve) => {
      this.#socket.once('message', () => resolve(true));
      this.#socket.once('close', () => resolve(false));
    });
    this.#send({ type: 'connection_init', payload: { authorization: token } });
    return acknowledged;
  }

  start(query: string): Operation {
    const id = String(this.#next++);
    const operation: Operation = { query, frames: [], isOver: this.closedBy !== null };
    this.#operations.set(id, operation);
    this.#open.push(id);
    this.#send({ id, type: 'subscribe', payload: { query } });
    const oldest = this.#open.length > MOST_OPEN ? this.#open.shift() : undefined;
    if (oldest !== undefined) this.#send({ id: oldest, type: 'complete' });
    return operation;
  }

  async close(): Promise<void> {
    if (this.#socket.readyState === WebSocket.CLOSED) return;
    const closed = once(this.#socket, 'close');
    this.#socket.close(1000);
    const late = setTimeout(() => this.#socket.terminate(), 2_000);
    await closed;
    clearTimeout(late);
  }

  #take(frame: string): void {
    const message: unknown = JSON.parse(frame);
    const part = (name: string): unknown =>
      typeof message === 'object' && message !== null && name in message
        ? Reflect.get(message, name)
        : undefined;
    if (part('type') === 'ping') this.#send({ type: 'pong' });
    const operation = this.#operations.get(String(part('id')));
    this.#told({ asked: operation?.query ?? '', said: frame });
    if (operation === undefined) return;
    operation.frames.push(frame);
    if (part('type') === 'complete' || part('type') === 'error') operation.isOver = true;
  }

  #send(message: object): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }
}

/** Resolves when the operation is over, or has been silent for so long. */
export async function settled(operation: Operation, silentMs: number): Promise<void> {
  for (
    let silent = 0, before = operation.frames.length;
    silent < silentMs && !operation.isOver;
    silent += 10
  ) {
    await sleep(10);
    if (operation.frames.length !== before) silent = 0;
    before = operation.frames.length;
  }
}
