/** Publishes over HTTP, on connections that stay open: so many a second, or as fast as it goes. */
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

const ANSWER_MS = 60_000;
/** More when a lot is published: a server that keeps up is not held back by its answers' delay. */
const PACED_AT_ONCE = 8;
const PACED_SECONDS_AT_ONCE = 0.1;

export interface Post {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export class Publisher {
  readonly #agent: Agent;
  readonly #port: number;
  readonly #inFlight: number;

  constructor(port: number, inFlight: number) {
    this.#port = port;
    this.#inFlight = inFlight;
    this.#agent = new Agent({ keepAlive: true, maxSockets: inFlight });
  }

  /** The answer's body; throws for one that is not 200 or that tells of errors. */
  post(post: Post): Promise<string> {
    const { path, headers, body } = post;
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const asking = request(
      {
        host: '127.0.0.1',
        port: this.#port,
        path,
        method: 'POST',
        agent: this.#agent,
        headers: {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          ...headers,
        },
        timeout: ANSWER_MS,
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () => {
          if (response.statusCode === 200 && !text.includes('"errors"')) resolve(text);
          else reject(new Error(`publishing was answered with ${response.statusCode}: ${text}`));
        });
        response.on('error', reject);
      },
    );
    asking.on('timeout', () => asking.destroy(new Error('publishing was not answered in time')));
    asking.on('error', (error) => {
      // The server was about to close a connection that had been idle: Node's documentation has it tried again.
      if (asking.reusedSocket && 'code' in error && error.code === 'ECONNRESET') resolve(this.post(post));
      else reject(error);
    });
    asking.end(body);
    return promise;
  }

  /**
   * How many were published: `rate` a second, evenly, for so long; fewer when the server does not keep up, since only
   * some may be under way.
   */
  async paced(
    rate: number,
    seconds: number,
    signal: AbortSignal,
    next: (index: number) => Post,
  ): Promise<number> {
    const began = performance.now();
    const total = Math.round(rate * seconds);
    const atOnce = Math.max(PACED_AT_ONCE, Math.round(rate * PACED_SECONDS_AT_ONCE));
    const underWay = new Set<Promise<unknown>>();
    let count = 0;
    for (let i = 0; i < total && performance.now() - began < seconds * 1_000; i++) {
      const wait = began + (i * 1_000) / rate - performance.now();
      if (wait > 0) await sleep(wait, undefined, { signal });
      const answer = this.post(next(count++)).finally(() => underWay.delete(answer));
      underWay.add(answer);
      if (underWay.size >= atOnce) await Promise.race(underWay);
    }
    await Promise.all(underWay);
    return count;
  }

  /** How many were published: the next one of each that was answered, for so long. */
  async asFastAsItGoes(seconds: number, signal: AbortSignal, next: (index: number) => Post): Promise<number> {
    const until = performance.now() + seconds * 1_000;
    let count = 0;
    const one = async (): Promise<void> => {
      while (performance.now() < until && !signal.aborted) await this.post(next(count++));
    };
    await Promise.all(Array.from({ length: this.#inFlight }, one));
    signal.throwIfAborted();
    return count;
  }

  close(): void {
    this.#agent.destroy();
  }
}
