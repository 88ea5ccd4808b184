/** One person's client, over a socket or over HTTP, as thin as can be. */
import { Agent, request } from 'node:http';
import type { Server } from '../send/server.ts';
import { Socket } from '../send/socket.ts';

const ANSWER_MS = 15_000;

export interface Client {
  /** The data of a query or a mutation; throws for an answer with errors. */
  execute(query: string, variables: object): Promise<unknown>;
  close(): void;
}

/** A server that answers requests, as a process of its own. */
export type RequestServer = Pick<Server, 'url' | 'socketUrl' | 'cpuMicros' | 'token' | 'stop'>;

export const TRANSPORTS = ['WebSocket', 'HTTP'] as const;
export type Transport = (typeof TRANSPORTS)[number];

export async function openClient(
  server: RequestServer,
  transport: Transport,
  person: string,
): Promise<Client> {
  const token = await server.token(person);
  return transport === 'WebSocket' ? Socket.open(server.socketUrl, token) : new HttpClient(server.url, token);
}

class HttpClient implements Client {
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;
  /** A connection of its own, kept alive. */
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });

  constructor(url: string, token: string) {
    this.#url = url;
    this.#headers = {
      'content-type': 'application/json',
      accept: 'application/json',
      authorization: `Bearer ${token}`,
    };
  }

  execute(query: string, variables: object): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const asking = request(
      this.#url,
      { method: 'POST', agent: this.#agent, headers: this.#headers, timeout: ANSWER_MS },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          const { data, errors } = JSON.parse(text) as { data?: unknown; errors?: unknown };
          if (errors === undefined) resolve(data);
          else reject(new Error(`the server answered ${text}`));
        });
      },
    );
    asking.on('error', reject);
    asking.on('timeout', () => asking.destroy(new Error(`no answer within ${ANSWER_MS / 1_000} s`)));
    asking.end(JSON.stringify({ query, variables }));
    return promise;
  }

  close(): void {
    this.#agent.destroy();
  }
}
