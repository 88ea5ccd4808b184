/**
 * Clients that come back after every close, as the contract asks of them: one connection after another, each with one
 * subscription. What they keep in between, cursors above all, is theirs.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, createClient } from 'graphql-ws';
import WebSocket from 'ws';

export interface ComingBack {
  /** Codes of the closes so far. */
  readonly closeCodes: readonly number[];
  /** Connections begun so far. */
  connections(): number;
  /** Cuts the socket without a goodbye; it comes back by itself. */
  cut(): void;
  /** Reads nothing from the socket that is open now, as a device does that has gone to sleep; the next one is read. */
  stall(): void;
  /** Reads on. */
  awake(): void;
  stop(): Promise<void>;
}

interface Result<Data> {
  readonly data?: Data | null | undefined;
  readonly errors?: readonly unknown[] | undefined;
}

export interface ComingBackOptions<Data> {
  /** Where to connect, `turn` times after the first; it may be gone by then. */
  readonly url: (turn: number) => string | Promise<string>;
  readonly token: string;
  readonly query: string;
  /** Asked again for each connection. */
  readonly variables: () => Record<string, unknown>;
  readonly take: (result: Result<Data>) => void;
  /** What the server says with codes instead of subscribing. A close is what such a client is made for. */
  readonly refused: (errors: readonly unknown[]) => void;
  /** Before it comes back, at least and at most. */
  readonly pauseMs: readonly [number, number];
}

/** Whoever opened it must stop it. */
export function comeBack<Data>(options: ComingBackOptions<Data>): ComingBack {
  const { token, query, take, pauseMs } = options;
  const closeCodes: number[] = [];
  let turn = 0;
  let isStopped = false;
  let socket: WebSocket | null = null;
  let client: Client | null = null;

  async function connectOnce(): Promise<void> {
    const url = await options.url(turn);
    if (isStopped) return;
    const once = createClient({
      url,
      lazy: false,
      retryAttempts: 0,
      connectionParams: { authorization: token },
      connectionAckWaitTimeout: 10_000,
      onNonLazyError: () => undefined, // the subscription's own end says the same
      webSocketImpl: class extends WebSocket {
        constructor(address: string, protocols: string) {
          super(address, protocols, { perMessageDeflate: false });
          socket = this;
        }
      },
      on: { closed: (event) => closeCodes.push((event as { code: number }).code) },
    });
    client = once;
    try {
      for await (const result of once.iterate<Data>({ query, variables: options.variables() })) take(result);
    } finally {
      await once.dispose();
    }
  }

  const running = (async () => {
    for (; !isStopped; turn += 1) {
      await connectOnce().catch((error: unknown) => {
        if (Array.isArray(error)) options.refused(error);
      });
      const [least, most] = pauseMs;
      if (!isStopped) await sleep(least + Math.random() * (most - least));
    }
  })();

  return {
    closeCodes,
    connections: () => turn + 1,
    cut: () => socket?.terminate(),
    stall: () => socket?.pause(),
    awake: () => socket?.resume(),
    stop: async () => {
      isStopped = true;
      // It says how a connection ended that was being made: that one is over, which is all that is wanted.
      await Promise.resolve(client?.dispose()).catch(() => undefined);
      socket?.terminate();
      await running;
    },
  };
}

/** A store is down: the same is asked again. */
export const isAway = (errors: readonly unknown[]): boolean =>
  errors.every((error) => (error as { extensions?: { code?: unknown } }).extensions?.code === 'UNAVAILABLE');
