import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from 'graphql-ws';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { badRequest } from '../operation/documents.ts';
import type { Outlet } from '../operation/outlet.ts';
import { startEdge, TestClient, type TestEdge } from './testing/edge-server.ts';
import {
  rendered,
  type Scripted,
  scriptedOperations,
  testGate,
  Writer,
} from './testing/scripted-operations.ts';

let server: TestEdge;
let scripted: Scripted;
let gate: ReturnType<typeof testGate>;
beforeEach(async () => {
  scripted = scriptedOperations();
  gate = testGate();
  server = await startEdge({ operations: scripted.operations, gate });
});
afterEach(() => server.close());

const SUBSCRIPTION = 'subscription { numbers { n } }';
const signedIn = () => TestClient.open(server.url, { authorization: 'ada' });

/** Subscribes under these ids and gives their outlets. */
async function subscribe(client: TestClient, ...ids: string[]): Promise<Outlet[]> {
  const before = scripted.outlets.length;
  for (const id of ids) client.subscribe(id, SUBSCRIPTION);
  await vi.waitFor(() => expect(scripted.outlets.length).toBe(before + ids.length));
  return scripted.outlets.slice(before);
}

async function subscribed(client: TestClient, id: string): Promise<Outlet> {
  const [outlet] = await subscribe(client, id);
  if (outlet === undefined) throw new Error('nobody subscribed');
  return outlet;
}

const texts = (client: TestClient, id?: string) =>
  client.heard
    .filter((message) => message.type === 'next' && (id === undefined || message.id === id))
    .map(({ payload }) => (payload as { data: { text?: string } }).data.text);

/** Until all that was written to the client before has come: an answer that is asked for now comes after it. */
async function settled(client: TestClient, id = `settle-${client.heard.length}`): Promise<void> {
  client.subscribe(id, '{ me }');
  await client.expect('complete', id);
}

/** Until the count has stood still for a while. */
async function stillness(count: () => number): Promise<void> {
  for (let before = -1; before !== count(); ) {
    before = count();
    await sleep(100);
  }
}

describe('order and content', () => {
  test('frames of one tick come whole, in the order in which they were written, for each its own id', async () => {
    const client = await signedIn();
    const raw: string[] = [];
    client.ws.on('message', (data) => raw.push(String(data)));
    const [a, b] = await subscribe(client, 'a', 'long "id" ü');
    const shared = rendered('déjà vu 日本');
    a?.write(shared, 'c');
    b?.write(shared, 'c');
    a?.write(rendered('x'.repeat(300)), null);
    b?.write(rendered('y'.repeat(70_000)), 'c');
    a?.write(rendered('last'), 'c');
    await vi.waitFor(() => expect(raw).toHaveLength(5));
    expect(raw[0]).toBe('{"type":"next","payload":{"data":{"text":"déjà vu 日本"}},"id":"a"}');
    expect(raw[1]).toBe('{"type":"next","payload":{"data":{"text":"déjà vu 日本"}},"id":"long \\"id\\" ü"}');
    expect(texts(client, 'a')).toEqual(['déjà vu 日本', 'x'.repeat(300), 'last']);
    expect(texts(client, 'long "id" ü')).toEqual(['déjà vu 日本', 'y'.repeat(70_000)]);
  });

  test('many sockets are told the same, each in order', async () => {
    const clients = await Promise.all(Array.from({ length: 15 }, signedIn));
    const outlets: Outlet[] = [];
    for (const [i, client] of clients.entries()) outlets.push(await subscribed(client, `id-${i}`));
    for (let n = 0; n < 50; n += 1) {
      const event = rendered(`event ${n}`);
      for (const outlet of outlets) outlet.write(event, 'c');
      if (n % 7 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    const expected = Array.from({ length: 50 }, (_, n) => `event ${n}`);
    for (const [i, client] of clients.entries()) {
      await vi.waitFor(() => expect(texts(client, `id-${i}`)).toEqual(expected));
    }
  });

  test('an end comes after all that was written: complete, or error', async () => {
    const client = await signedIn();
    const [a, b] = await subscribe(client, 'a', 'b');
    a?.write(rendered('1'), 'c');
    a?.write(rendered('2'), 'c');
    a?.end(null);
    b?.write(rendered('3'), 'c');
    b?.end([badRequest('no more')]);
    await Promise.all([client.expect('complete', 'a'), client.expect('error', 'b')]);
    const of = (id: string) => client.heard.filter((m) => m.id === id).map((m) => m.type);
    expect(of('a')).toEqual(['next', 'next', 'complete']);
    expect(of('b')).toEqual(['next', 'error']);
    expect((await client.expect('error', 'b')).payload).toMatchObject([
      { message: 'no more', extensions: { code: 'BAD_USER_INPUT' } },
    ]);
    // The ids are free again.
    await subscribe(client, 'a', 'b');
  });

  test('an end with nothing written is an end too', async () => {
    const client = await signedIn();
    (await subscribed(client, 'a')).end(null);
    await client.expect('complete', 'a');
  });

  test("graphql-ws's own client: events, the end, an error, and leaving", async () => {
    const client = createClient({
      url: server.url,
      webSocketImpl: WebSocket,
      connectionParams: { authorization: 'ada' },
      retryAttempts: 0,
    });
    const seen: [string, ...unknown[]][] = [];
    const follow = (name: string) =>
      client.subscribe(
        { query: SUBSCRIPTION },
        {
          next: (value) => seen.push([name, value.data]),
          error: (error) => seen.push([name, 'error', (error as readonly Error[])[0]?.message]),
          complete: () => seen.push([name, 'complete']),
        },
      );
    follow('ended');
    await vi.waitFor(() => expect(scripted.outlets).toHaveLength(1));
    follow('refused');
    await vi.waitFor(() => expect(scripted.outlets).toHaveLength(2));
    const leave = follow('left');
    await vi.waitFor(() => expect(scripted.outlets).toHaveLength(3));
    const [ended, refused, left] = scripted.outlets;
    ended?.write(rendered('one'), 'c');
    left?.write(rendered('two'), 'c');
    refused?.write(rendered('three'), 'c');
    ended?.end(null);
    refused?.end([badRequest('no')]);
    await vi.waitFor(() => expect(seen).toHaveLength(5));
    expect(seen.filter(([name]) => name === 'ended')).toEqual([
      ['ended', { text: 'one' }],
      ['ended', 'complete'],
    ]);
    expect(seen.filter(([name]) => name === 'refused')).toEqual([
      ['refused', { text: 'three' }],
      ['refused', 'error', 'no'],
    ]);
    leave();
    await vi.waitFor(() => expect(scripted.stopped()).toBe(1));
    await client.dispose();
  });

  test('what waits of a subscription that the client completes is never sent, nor what is written after', async () => {
    const client = await signedIn();
    const outlet = await subscribed(client, 'a');
    gate.close();
    outlet.write(rendered('held'), 'c');
    client.send({ id: 'a', type: 'complete' });
    await vi.waitFor(() => expect(scripted.stopped()).toBe(1));
    expect(outlet.hasRoom).toBe(false);
    outlet.write(rendered('late'), 'c');
    outlet.end(null);
    gate.open();
    await settled(client);
    expect(client.heard.filter((m) => m.id === 'a')).toEqual([]);
  });

  test('what was written goes before an orderly close', async () => {
    const client = await signedIn();
    const outlet = await subscribed(client, 'a');
    outlet.write(rendered('1'), 'c');
    outlet.write(rendered('2'), 'c');
    outlet.resume('RESUME');
    expect(await client.closed).toEqual({ code: 1013, reason: 'resume' });
    expect(texts(client)).toEqual(['1', '2']);
  });

  test('a slow consumer is told nothing more', async () => {
    const client = await signedIn();
    const outlet = await subscribed(client, 'a');
    outlet.write(rendered('1'), 'c');
    outlet.resume('SLOW_CONSUMER');
    outlet.write(rendered('2'), 'c');
    expect(await client.closed).toEqual({ code: 1013, reason: 'slow consumer' });
    expect(texts(client)).toEqual([]);
  });
});

describe('the delivery gate', () => {
  test('closed: events wait and there is no room, answers flow; open again: they go, and there is room', async () => {
    const client = await signedIn();
    const outlet = await subscribed(client, 'a');
    const room = vi.fn();
    outlet.onRoom(room);
    gate.close();
    expect(outlet.hasRoom).toBe(false);
    outlet.write(rendered('held'), 'c');
    await settled(client, 'one');
    await settled(client, 'two');
    expect(texts(client, 'a')).toEqual([]);
    expect(room).not.toHaveBeenCalled();
    gate.open();
    await vi.waitFor(() => expect(texts(client, 'a')).toEqual(['held']));
    expect(room).toHaveBeenCalledTimes(1);
    expect(outlet.hasRoom).toBe(true);
  });

  test('closed while nothing waits: whoever was refused is told when it opens', async () => {
    const client = await signedIn();
    const outlet = await subscribed(client, 'a');
    const room = vi.fn();
    outlet.onRoom(room);
    await settled(client);
    gate.close();
    expect(outlet.hasRoom).toBe(false);
    gate.open();
    expect(room).toHaveBeenCalledTimes(1);
  });

  test('closed between the writing and the end of the tick: nothing goes', async () => {
    const client = await signedIn();
    const outlet = await subscribed(client, 'a');
    outlet.write(rendered('held'), 'c');
    gate.close();
    await settled(client);
    expect(texts(client, 'a')).toEqual([]);
  });

  test('an end waits with the events before it', async () => {
    const client = await signedIn();
    const outlet = await subscribed(client, 'a');
    gate.close();
    outlet.write(rendered('held'), 'c');
    outlet.end(null);
    await settled(client);
    expect(client.heard.some((m) => m.id === 'a')).toBe(false);
    gate.open();
    await client.expect('complete', 'a');
    expect(client.heard.filter((m) => m.id === 'a').map((m) => m.type)).toEqual(['next', 'complete']);
  });

  test('closed while the socket closes: its events are not sent', async () => {
    const client = await signedIn();
    const outlet = await subscribed(client, 'a');
    gate.close();
    outlet.write(rendered('held'), 'c');
    outlet.resume('RESUME');
    expect(await client.closed).toEqual({ code: 1013, reason: 'resume' });
    expect(texts(client)).toEqual([]);
  });

  test('closed while the client caught up: there is room as soon as it opens', async () => {
    const client = await signedIn();
    const outlet = await subscribed(client, 'a');
    client.ws.pause();
    const writer = new Writer(outlet, { bytes: 5_000 });
    writer.pump();
    await stillness(() => writer.written);
    gate.close();
    client.ws.resume();
    await stillness(() => texts(client).length);
    const { written } = writer;
    gate.open();
    await vi.waitFor(() => expect(writer.written).toBeGreaterThan(written));
  });

  test('is listened to no longer than the edge lives', async () => {
    expect(gate.listeners.size).toBe(1);
    await server.close();
    expect(gate.listeners.size).toBe(0);
  });
});

describe('purging', () => {
  test("takes back what waits of that channel, of that subscription, and nothing else's", async () => {
    const client = await signedIn();
    const [a, b] = await subscribe(client, 'a', 'b');
    a?.write(rendered('kept'), 'other');
    a?.write(rendered('purged'), 'gone');
    a?.write(rendered('of none'), null);
    b?.write(rendered("somebody else's"), 'gone');
    a?.purge('gone');
    a?.write(rendered('after'), 'gone');
    await settled(client);
    expect(texts(client, 'a')).toEqual(['kept', 'of none', 'after']);
    expect(texts(client, 'b')).toEqual(["somebody else's"]);
  });

  test('an end that waited for what was purged comes', async () => {
    const client = await signedIn();
    const outlet = await subscribed(client, 'a');
    outlet.write(rendered('purged'), 'gone');
    outlet.end(null);
    outlet.purge('gone');
    await client.expect('complete', 'a');
    expect(texts(client)).toEqual([]);
  });
});

describe('back-pressure', () => {
  test('a client that does not read is handed one group, and the rest when it reads: all, once, in order', async () => {
    const client = await signedIn();
    const outlet = await subscribed(client, 'a');
    client.ws.pause();
    const writer = new Writer(outlet, { most: 5_000, bytes: 5_000 });
    writer.pump();
    await vi.waitFor(() => expect(outlet.hasRoom).toBe(false));
    await stillness(() => writer.written);
    expect(writer.written).toBeLessThan(4_000);
    client.ws.resume();
    await vi.waitFor(() => expect(texts(client)).toHaveLength(5_000), 20_000);
    expect(texts(client).map((text) => Number.parseInt(text ?? '', 10))).toEqual(
      Array.from({ length: 5_000 }, (_, i) => i + 1),
    );
  });

  test('subscriptions of one socket take turns', async () => {
    const client = await signedIn();
    const outlets = await subscribe(client, 'a', 'b', 'c');
    client.ws.pause();
    const writers = outlets.map((outlet) => new Writer(outlet, { most: 1_500, bytes: 5_000 }));
    for (const writer of writers) writer.pump();
    await sleep(200);
    client.ws.resume();
    await vi.waitFor(() => expect(texts(client)).toHaveLength(4_500), 20_000);
    // None was left behind until another had told all.
    const firsts = ['a', 'b', 'c'].map((id) =>
      client.heard.findIndex((m) => m.type === 'next' && m.id === id),
    );
    expect(Math.max(...firsts)).toBeLessThan(1_500);
  });

  test('a stalled neighbour holds nobody up', async () => {
    const [stalled, reading] = await Promise.all([signedIn(), signedIn()]);
    stalled.ws.pause();
    const [first, second] = [await subscribed(stalled, 'a'), await subscribed(reading, 'a')];
    const writers = [first, second].map((outlet) => new Writer(outlet, { most: 3_000, bytes: 5_000 }));
    for (const writer of writers) writer.pump();
    await vi.waitFor(() => expect(texts(reading)).toHaveLength(3_000), 20_000);
    expect(writers[0]?.written).toBeLessThan(3_000);
    stalled.ws.terminate();
    await once(stalled.ws, 'close');
  });
});
