/** What a connection costs in memory while nothing happens on it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { COLLECT } from './collecting.ts';
import type { Contender } from './contenders.ts';
import { documents } from './documents.ts';
import { markedText } from './mark.ts';
import { PROBE } from './orders.ts';
import { Publisher } from './publisher.ts';
import { residentBytes } from './server-process.ts';
import type { Subscribers } from './subscribers.ts';

/**
 * Until what connecting has begun is over: timers that wait for a client's first word for ten seconds, and V8, which
 * gives pages back some ten seconds after a server has found that it rests.
 */
const SETTLE_MS = 20_000;
/** Some garbage is found only once other garbage is gone. */
const COLLECTIONS = 3;
const COLLECTION_MS = 1_000;

/** Bytes of resident memory for each connection, by each of the ways in which that may be counted. */
export interface Idle {
  /** With the first `count` connections, subscribed: all that the process holds, and what it has grown by. */
  readonly total: number;
  readonly grown: number;
  /**
   * Of as many more that come after those, when garbage has been collected before and after: signed in, and subscribed.
   * What is there once for all (code, pools, caches, the room that a heap keeps to grow in) is not a connection's.
   */
  readonly connected: number;
  readonly subscribed: number;
}

/** @param contender as it was started: nobody has connected yet. */
export async function measureIdle(
  contender: Contender,
  count: number,
  { before: others, subscribers }: { readonly before: Subscribers; readonly subscribers: Subscribers },
  signal: AbortSignal,
): Promise<Idle> {
  const { server } = contender;
  const publisher = new Publisher(server.port, 1);
  const rest = () => sleep(SETTLE_MS, undefined, { signal });
  const held = async (): Promise<number> => {
    await rest();
    for (let i = 0; i < COLLECTIONS; i++) {
      process.kill(server.pid, COLLECT);
      await sleep(COLLECTION_MS, undefined, { signal });
    }
    return residentBytes(server);
  };
  const channel = await contender.newChannel();
  const connect = async (group: Subscribers, from: number): Promise<void> => {
    const seats = Array.from({ length: count }, async (_, i) => ({
      channel: 0,
      token: await contender.token(from + i),
    }));
    await group.connect({
      wire: contender.wire,
      port: server.port,
      channels: [channel],
      document: documents.plain,
      seats: await Promise.all(seats),
      checks: 'ordered',
    });
  };
  const subscribe = (group: Subscribers) =>
    group.subscribe(async () => {
      await publisher.post(contender.message(channel, markedText(PROBE, 1, 200)));
    });
  try {
    await rest();
    const empty = residentBytes(server);
    await connect(others, 0);
    await subscribe(others);
    await rest();
    const first = residentBytes(server);
    const before = await held();
    await connect(subscribers, count);
    const connected = await held();
    await subscribe(subscribers);
    const subscribed = await held();
    await Promise.all([others.disconnect(), subscribers.disconnect()]);
    return {
      total: first / count,
      grown: (first - empty) / count,
      connected: (connected - before) / count,
      subscribed: (subscribed - before) / count,
    };
  } finally {
    publisher.close();
  }
}
