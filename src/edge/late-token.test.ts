/** A token past its end, of which requests are answered a while longer for clocks that differ: no socket lives by it. */
import { afterEach, expect, test } from 'vitest';
import type { Viewers } from '../auth/viewers.ts';
import { unauthenticated } from '../chat/errors.ts';
import type { Viewer } from '../chat/viewer.ts';
import { startEdge, TestClient, type TestEdge } from './testing/edge-server.ts';

const viewer = (expiresAt: number): Viewer => ({
  tenant: { organizationId: 'o', slug: 'o', cell: 'default', epoch: 1 },
  userId: 'ada',
  handle: 'ada',
  isAdmin: false,
  expiresAt,
});
const viewers: Viewers = {
  of: (token) => viewer(token === 'late' ? Date.now() - 1_000 : Number.MAX_SAFE_INTEGER),
};

let server: TestEdge;
afterEach(() => server.close());

test('it opens none', async () => {
  server = await startEdge({ viewers });
  const client = await TestClient.knock(server.url, { authorization: 'late' });
  expect(await client.closed).toEqual({ code: 4403, reason: 'token expired' });
});

test('as a renewal it is refused, and the socket goes on', async () => {
  server = await startEdge({ viewers });
  const client = await TestClient.open(server.url, { authorization: 'good' });
  client.subscribe('name', '{ connection }');
  const { payload } = await client.expect('next', 'name');
  const { connection } = (payload as { data: { connection: string } }).data;
  const renewed = server.registry.renew(viewer(0), connection, 'late');
  await expect(renewed).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  client.subscribe('still', '{ me }');
  await client.expect('next', 'still');
  client.ws.close();
});

test('found out by an operation before the timer, as on a machine that slept, its own ends the socket as the timer does', async () => {
  let now = Date.now();
  const end = now + 3_600_000;
  const of = (token: string): Viewer => {
    if (token === 'short' && now >= end) throw unauthenticated('expired');
    return viewer(token === 'short' ? end : Number.MAX_SAFE_INTEGER);
  };
  server = await startEdge({ viewers: { of }, clock: { now: () => now } });
  const [client, renewed] = await Promise.all([
    TestClient.open(server.url, { authorization: 'short' }),
    TestClient.open(server.url, { authorization: 'good' }),
  ]);
  now = end;
  client.subscribe('q', '{ me }');
  expect(await client.closed).toEqual({ code: 4403, reason: 'token expired' });
  renewed.subscribe('q', '{ me }', { extensions: { headers: { authorization: 'short' } } });
  expect(await renewed.closed).toEqual({ code: 4401, reason: 'unauthorized' });
});
