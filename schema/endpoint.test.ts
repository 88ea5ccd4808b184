import { afterAll, beforeAll, expect, test } from 'vitest';
import { openWorld, type World } from './testing/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

test('connectionEndpoint names the server and the organization; who is not signed in is told nothing', async () => {
  const ada = await world.person('acme', 'ada');
  const query = '{ connectionEndpoint { url expiresAt } }';
  const { data, codes } = await world.run(ada, query);
  expect(codes).toEqual([]);
  const { url, expiresAt } = (data as { connectionEndpoint: { url: string; expiresAt: string } })
    .connectionEndpoint;
  expect(url).toBe('ws://127.0.0.1:4000/graphql?org=acme');
  expect(Date.parse(expiresAt)).toBeGreaterThan(Date.now());
  expect((await world.run(null, query)).codes).toEqual(['UNAUTHENTICATED']);
});
