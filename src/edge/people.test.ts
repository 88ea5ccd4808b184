/** Presence comes from connections: everybody on each socket comes once and goes once, whatever they run on it. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ConnectionWatch } from '../chat/presence/port.ts';
import { testViewers } from '../operation/testing/test-operations.ts';
import { startEdge, TestClient, type TestEdge } from './testing/edge-server.ts';

let server: TestEdge;
/** `came` and `went`, by person, with the connections' names. */
let told: { readonly what: string; readonly userId: string; readonly connectionId: string }[];

const people: ConnectionWatch = {
  came: ({ userId }, connectionId) => void told.push({ what: 'came', userId, connectionId }),
  went: ({ userId }, connectionId) => void told.push({ what: 'went', userId, connectionId }),
};

beforeEach(async () => {
  told = [];
  server = await startEdge({ people });
});
afterEach(() => server.close());

const until = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 10_000, interval: 5 });
const heard = () => told.map(({ what, userId }) => `${userId} ${what}`);

test('each socket of a person counts, until it is closed', async () => {
  const first = await TestClient.open(server.url, { authorization: 'ada' });
  const second = await TestClient.open(server.url, { authorization: 'ada' });
  for (const id of ['1', '2']) {
    first.subscribe(id, '{ me }');
    await first.expect('complete', id);
  }
  expect(heard()).toEqual(['ada came', 'ada came']);
  expect(new Set(told.map(({ connectionId }) => connectionId)).size).toBe(2);
  first.ws.terminate();
  await until(() => expect(heard()).toEqual(['ada came', 'ada came', 'ada went']));
  expect(told[2]?.connectionId).toBe(told[0]?.connectionId);
  second.ws.close();
  await until(() => expect(heard()).toHaveLength(4));
  expect(told[3]?.connectionId).toBe(told[1]?.connectionId);
});

test('everybody on one socket, and nobody who is not signed in', async () => {
  const client = await TestClient.open(server.url);
  expect(told).toEqual([]);
  for (const [id, authorization] of Object.entries({ a: 'ada', b: 'grace', c: 'ada' })) {
    client.subscribe(id, '{ me }', { extensions: { headers: { authorization } } });
    await client.expect('complete', id);
  }
  expect(heard()).toEqual(['ada came', 'grace came']);
  client.subscribe('d', '{ me }', { extensions: { headers: { authorization: 'bad' } } });
  await client.closed;
  await until(() => expect(heard().toSorted()).toEqual(['ada came', 'ada went', 'grace came', 'grace went']));
});

test('a ninth on one socket is refused, and the others go on', async () => {
  const client = await TestClient.open(server.url);
  const run = async (id: string) => {
    client.subscribe(id, '{ me }', { extensions: { headers: { authorization: `person${id}` } } });
    await Promise.race([client.expect('complete', id), client.expect('error', id)]);
    return client.heard.find((message) => message.id === id);
  };
  for (const id of 'abcdefgh') expect(await run(id)).toMatchObject({ type: 'next' });
  expect(await run('i')).toMatchObject({ payload: [{ extensions: { code: 'RATE_LIMITED' } }] });
  expect(heard()).toHaveLength(8);
  client.subscribe('again', '{ me }', { extensions: { headers: { authorization: 'persona' } } });
  await client.expect('complete', 'again');
});

test('who is looked up for a socket that has gone meanwhile does not come: nobody would let them go', async () => {
  const answer = Promise.withResolvers<void>();
  let asked = 0;
  const of = async (token: string) => {
    asked += 1;
    await answer.promise;
    return testViewers.of(token);
  };
  const slow = await startEdge({ people, viewers: { of } });
  const client = await TestClient.knock(slow.url, { authorization: 'ada' });
  await until(() => expect(asked).toBe(1));
  client.ws.terminate();
  await until(() => expect(slow.edge.size).toBe(0));
  answer.resolve();
  for (let i = 0; i < 5; i += 1) await nextTurn();
  expect(told).toEqual([]);
  await slow.close();
});

test('an edge that stops lets everybody go', async () => {
  await TestClient.open(server.url, { authorization: 'ada' });
  await server.edge.close();
  await until(() => expect(heard()).toEqual(['ada came', 'ada went']));
});
