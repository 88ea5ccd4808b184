import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { CloseReason } from './close-codes.ts';
import { Drain, type Drained } from './drain.ts';
import { startEdge, TestClient } from './testing/edge-server.ts';

class FakeSocket implements Drained {
  closedWith: CloseReason | null = null;
  get isClosing(): boolean {
    return this.closedWith !== null;
  }
  close(reason: CloseReason): void {
    this.closedWith = reason;
  }
}

describe('sockets are closed one after the other', () => {
  let open: Map<FakeSocket, null>;
  const add = (count: number): FakeSocket[] => {
    const sockets = Array.from({ length: count }, () => new FakeSocket());
    for (const socket of sockets) open.set(socket, null);
    return sockets;
  };
  const closed = (sockets: readonly FakeSocket[]): number => sockets.filter((s) => s.isClosing).length;
  const start = (overMs: number) => {
    const drain = new Drain(open, overMs);
    let isDone = false;
    void drain.done.then(() => {
      isDone = true;
    });
    return { drain, isDone: () => isDone };
  };
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
    open = new Map();
  });
  afterEach(() => {
    vi.useRealTimers();
  });
  const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

  test('evenly over the time, with 1012', async () => {
    const sockets = add(1_000);
    const { isDone } = start(12_000);
    await pass(2_000);
    for (const tenth of [1, 2, 3, 4, 5, 6, 7, 8, 9]) {
      await pass(1_000);
      expect(closed(sockets)).toBeGreaterThan(100 * tenth - 20);
      expect(closed(sockets)).toBeLessThan(100 * tenth + 60);
      expect(isDone()).toBe(false);
    }
    await pass(1_000);
    expect(closed(sockets)).toBe(1_000);
    expect(isDone()).toBe(true);
    expect(sockets[0]?.closedWith).toEqual({ code: 1012, reason: 'restarting' });
  });

  test('none until the others have heard of it: whoever asks where to go would be sent back here', async () => {
    const sockets = add(1_000);
    start(10_000);
    await pass(1_900);
    expect(closed(sockets)).toBe(0);
    await pass(1_000);
    expect(closed(sockets)).toBeGreaterThan(50);
  });

  test('of a short time a quarter is waited, no more', async () => {
    const sockets = add(1_000);
    start(2_000);
    await pass(450);
    expect(closed(sockets)).toBe(0);
    await pass(300);
    expect(closed(sockets)).toBeGreaterThan(50);
  });

  test('few of them too: not all at the first tick', async () => {
    const sockets = add(4);
    start(10_000);
    await pass(3_000);
    expect(closed(sockets)).toBeLessThan(4);
    await pass(7_000);
    expect(closed(sockets)).toBe(4);
  });

  test('those that come while it goes on are among them, and none is left', async () => {
    add(10);
    const { isDone } = start(5_000);
    await pass(4_000);
    const late = add(100);
    await pass(1_000);
    expect(closed(late)).toBe(100);
    expect(isDone()).toBe(true);
  });

  test('a time shorter than what it looks at is over at once', async () => {
    const sockets = add(5);
    const { isDone } = start(10);
    await pass(50);
    expect(closed(sockets)).toBe(5);
    expect(isDone()).toBe(true);
  });

  test('it ends when none is left, once balancers had time to notice', async () => {
    const sockets = add(3);
    const { isDone } = start(60_000);
    for (const socket of sockets) open.delete(socket);
    await pass(1_500);
    expect(isDone()).toBe(false);
    await pass(1_000);
    expect(isDone()).toBe(true);
  });

  test('stopped, it closes nothing more', async () => {
    const sockets = add(100);
    const { drain, isDone } = start(10_000);
    await pass(5_000);
    drain.stop();
    const then = closed(sockets);
    expect(then).toBeGreaterThan(0);
    await pass(20_000);
    expect(closed(sockets)).toBe(then);
    expect(isDone()).toBe(true);
  });
});

/** The first line of the answer to a request for a WebSocket. */
async function answerTo(url: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const { promise, resolve } = Promise.withResolvers<string>();
  const socket = connect(Number(port), hostname, () =>
    socket.write(
      `GET /graphql HTTP/1.1\r\nhost: ${hostname}\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-protocol: graphql-transport-ws\r\n\r\n`,
    ),
  );
  socket.once('data', (data) => resolve(data.toString().split('\r\n', 1)[0] ?? ''));
  const line = await promise;
  socket.destroy();
  return line;
}

test('an edge that drains takes no more sockets, serves those it has, and lets go of them', async () => {
  const { edge, url, close } = await startEdge();
  try {
    const client = await TestClient.open(url, { authorization: 'ada' });
    expect(await answerTo(url)).toContain('101');
    // The time of draining alone: what comes first must not depend on how busy the machine is.
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
    const drained = edge.drain(600);
    expect(await answerTo(url)).toBe('HTTP/1.1 503 Service Unavailable');
    client.send({ type: 'ping' });
    await client.expect('pong');
    await vi.advanceTimersByTimeAsync(600);
    expect(await client.closed).toEqual({ code: 1012, reason: 'restarting' });
    await drained;
    vi.useRealTimers();
    await vi.waitFor(() => expect(edge.size).toBe(0));
  } finally {
    vi.useRealTimers();
    await close();
  }
});
