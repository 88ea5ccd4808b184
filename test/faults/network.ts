/**
 * The network between a replica and one address of a store, as a TCP proxy: it can be slow, and it can be cut. A cut loses
 * nothing by itself, as with packets that are sent again and again: what was under way arrives once the line is whole,
 * also when whoever sent it has long given up.
 */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { Transform } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Link {
  /** Of the proxy, on loopback. */
  readonly port: number;
  /** How many connections took it. */
  taken(): number;
  /** Each piece arrives so much later, in each direction; 0: at once. */
  delay(ms: number): void;
  /** Nothing arrives any more, in neither direction, on old connections and new ones. */
  cut(): void;
  mend(): void;
  close(): Promise<void>;
}

/** A piece waits its turn; those behind it wait for it. Back-pressure, and so the bound, is the streams' own. */
class Line extends Transform {
  readonly #turn: () => Promise<void> | null;
  constructor(turn: () => Promise<void> | null) {
    super();
    this.#turn = turn;
  }
  override _transform(chunk: Buffer, _: BufferEncoding, done: (error: null, chunk: Buffer) => void): void {
    const turn = this.#turn();
    if (turn === null) done(null, chunk);
    else void turn.then(() => done(null, chunk));
  }
  /** The end of a connection takes as long as what came before it. */
  override _flush(done: () => void): void {
    const turn = this.#turn();
    if (turn === null) done();
    else void turn.then(done);
  }
}

/** @param to the address that it leads to. */
export async function openLink(to: { readonly host: string; readonly port: number }): Promise<Link> {
  const sockets = new Set<Socket>();
  let delayMs = 0;
  let whole = Promise.withResolvers<void>();
  let isCut = false;
  let taken = 0;

  const turn = (): Promise<void> | null => {
    if (!isCut && delayMs === 0) return null;
    return sleep(delayMs).then(() => (isCut ? whole.promise : undefined));
  };
  /** The other end hears that this one is gone after everything that it said. */
  const lead = (from: Socket, into: Socket): void => {
    const line = new Line(turn);
    sockets.add(from);
    from.setNoDelay(true);
    from.on('error', () => undefined); // A close follows, and says all there is to say.
    from.on('close', () => {
      sockets.delete(from);
      line.end();
    });
    from.pipe(line).pipe(into);
  };
  const server = createServer((near) => {
    taken += 1;
    const far = connect(to);
    lead(near, far);
    lead(far, near);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port was given');

  return {
    port: address.port,
    taken: () => taken,
    delay: (ms) => {
      delayMs = ms;
    },
    cut: () => {
      isCut = true;
    },
    mend: () => {
      isCut = false;
      whole.resolve();
      whole = Promise.withResolvers<void>();
    },
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
