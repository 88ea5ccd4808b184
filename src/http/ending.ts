/**
 * The end of an HTTP server that breaks nothing off. `server.close` of Node destroys connections that are kept alive at once:
 * with a request that is on its way to it, and with an answer that was written and not yet read by a slow client
 * (https://github.com/nodejs/node/issues/60617). Here each connection ends behind its last answer.
 */
import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { Server as NetServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** What was sent before the end was known arrives within this: a way through a data centre, and a turn of a busy event loop. */
const ON_THE_WAY_MS = 50;

export class HttpEnding {
  readonly #server: Server;
  readonly #underWay = new Set<ServerResponse>();
  readonly #lastEnded = Promise.withResolvers<void>();
  #stage: 'serving' | 'ending' | 'finishing' = 'serving';

  /** Made before the server listens: it knows of all answers under way. */
  constructor(server: Server) {
    this.#server = server;
    server.prependListener('request', (_request: IncomingMessage, response: ServerResponse) => {
      if (this.#stage !== 'serving') response.setHeader('connection', 'close');
      this.#underWay.add(response);
      response.once('close', () => {
        this.#underWay.delete(response);
        this.#look();
      });
    });
  }

  /** From now on each answer is the last of its connection: balancers send what comes next elsewhere. All is taken as before. */
  begin(): void {
    if (this.#stage === 'serving') this.#stage = 'ending';
    for (const response of this.#underWay) {
      if (!response.headersSent) response.setHeader('connection', 'close');
    }
  }

  /** Takes no more connections, and answers what was sent until now. What is not finished after `finishMs` is cut. */
  async close(finishMs: number): Promise<void> {
    this.begin();
    const closed = once(this.#server, 'close');
    // Of the connections alone: that of HTTP would destroy those that look idle.
    NetServer.prototype.close.call(this.#server);
    if (await this.#hasConnections()) await sleep(ON_THE_WAY_MS);
    this.#stage = 'finishing';
    this.#look();
    const late = setTimeout(() => this.#lastEnded.resolve(), finishMs);
    await this.#lastEnded.promise;
    clearTimeout(late);
    // Of Node's own watch over connections, too.
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  #look(): void {
    if (this.#stage === 'finishing' && this.#underWay.size === 0) this.#lastEnded.resolve();
  }

  #hasConnections(): Promise<boolean> {
    return new Promise((resolve) => this.#server.getConnections((_error, count) => resolve(count !== 0)));
  }
}
