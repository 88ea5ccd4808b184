/** Presence comes from connections: everybody on each socket comes once and goes once, whatever they run on it. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { startEdge, TestClient, type TestEdge } from './testing/edge-server.ts';

let server: TestEdge;
/** `came` and `went`, by person, with the connections' names. */
let told: { readonly what: string; readonly userId: string; readonly connectionId: string }[];

beforeEach(async () => {
  told = [];
  server = await startEdge({
    people: {
      came: ({ userId }, connectionId) => told.push({ what: 'came', userId, connectionId }),
      went: ({ userId }, connectionId) => told.push({ what: 'went', userId, connectionId }),
    },
  });
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

test('an edge that stops lets everybody go', async () => {
  await TestClient.open(server.url, { authorization: 'ada' });
  await server.edge.close();
  await until(() => expect(heard()).toEqual(['ada came', 'ada went']));
});
