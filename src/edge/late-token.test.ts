/** A token past its end, of which requests are answered a while longer for clocks that differ: no socket lives by it. */
import { afterEach, expect, test } from 'vitest';
import type { Viewers } from '../auth/viewers.ts';
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
