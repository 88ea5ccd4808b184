/** Renewing the token of a socket, and the limits of a person: what is refused leaves everybody else alone. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { limits } from '../chat/limits.ts';
import type { Viewer } from '../chat/viewer.ts';
import { startEdge, TestClient, type TestEdge } from './testing/edge-server.ts';

let server: TestEdge;
beforeEach(async () => {
  server = await startEdge();
});
afterEach(() => server.close());

const viewer = (userId: string, organizationId = 'o'): Viewer => ({
  tenant: { organizationId, slug: organizationId, cell: 'default', epoch: 1 },
  userId,
  handle: userId,
  isAdmin: false,
  expiresAt: Number.MAX_SAFE_INTEGER,
});
const renew = (who: Viewer, connectionId: string, token: string) =>
  server.registry.renew(who, connectionId, token);
const signedIn = (token = 'ada') => TestClient.open(server.url, { authorization: token });

async function nameOf(client: TestClient): Promise<string> {
  client.subscribe('name', '{ connection }');
  const { payload } = await client.expect('next', 'name');
  return (payload as { data: { connection: string } }).data.connection;
}

async function answers(client: TestClient, id: string, name: string): Promise<void> {
  client.subscribe(id, '{ me }');
  expect((await client.expect('next', id)).payload).toEqual({ data: { me: name } });
}

describe('a renewal', () => {
  test('keeps the socket beyond its first token, streams and all, and ends it with the new one', async () => {
    const client = await signedIn(`ada@${Date.now() + 700}`);
    client.subscribe('s', 'subscription { numbers(everyMs: 20) { n } }');
    await client.expect('next', 's');
    const ends = Date.now() + 1_500;
    expect(await renew(viewer('ada'), await nameOf(client), `Bearer ada@${ends}`)).toEqual(new Date(ends));
    await vi.waitFor(() => expect(Date.now()).toBeGreaterThan(ends - 500), 2_000);
    await answers(client, 'q', 'ada');
    expect(client.heard.some(({ type, id }) => type === 'complete' && id === 's')).toBe(false);
    expect(await client.closed).toEqual({ code: 4403, reason: 'token expired' });
    expect(Date.now()).toBeGreaterThanOrEqual(ends);
  });

  test('with a token that ends sooner takes its place all the same', async () => {
    const client = await signedIn();
    const ends = Date.now() + 300;
    expect(await renew(viewer('ada'), await nameOf(client), `ada@${ends}`)).toEqual(new Date(ends));
    expect(await client.closed).toEqual({ code: 4403, reason: 'token expired' });
  });

  test.each([
    ['a bad token', 'bad', 'UNAUTHENTICATED'],
    ['one that has ended', `ada@${Date.now() - 1}`, 'UNAUTHENTICATED'],
    ['none', '', 'UNAUTHENTICATED'],
    ["somebody else's", 'grace', 'FORBIDDEN'],
    ['one of no organization', 'stranger', 'FORBIDDEN'],
    ['a database that is away', 'offline', 'UNAVAILABLE'],
  ])('with %s is refused, and the socket goes on', async (_, token, code) => {
    const client = await signedIn();
    const name = await nameOf(client);
    await expect(renew(viewer('ada'), name, token)).rejects.toMatchObject({ code });
    await answers(client, 'q', 'ada');
  });

  test('is for whoever is signed in there: others are told what they are told of one that is gone', async () => {
    const client = await signedIn();
    const name = await nameOf(client);
    const refused = await renew(viewer('grace'), name, 'grace').catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'NOT_FOUND' });
    await expect(renew(viewer('ada', 'other'), name, 'ada')).rejects.toEqual(refused);
    client.ws.close();
    await client.closed;
    await vi.waitFor(() => expect(server.edge.size).toBe(0));
    await expect(renew(viewer('ada'), name, 'ada')).rejects.toEqual(refused);
  });

  test('of one person leaves the token of another on the same socket', async () => {
    const client = await signedIn(`ada@${Date.now() + 600}`);
    client.subscribe('g', '{ me }', { extensions: { headers: { authorization: 'grace' } } });
    await client.expect('next', 'g');
    await renew(viewer('grace'), await nameOf(client), 'grace');
    expect(await client.closed).toEqual({ code: 4403, reason: 'token expired' });
  });
});

describe('told that the token ends soon', () => {
  const follow = (name: string) => {
    const told: number[] = [];
    const stop = server.registry.follow(name, (at) => told.push(at.getTime()));
    return { told, stop };
  };

  test('at once for a short one, to each that begins to follow; not for one that lasts', async () => {
    const ends = Date.now() + 5_000;
    const name = await nameOf(await signedIn(`ada@${ends}`));
    expect(follow(name).told).toEqual([ends]);
    expect(follow(name).told).toEqual([ends]);
    expect(follow(await nameOf(await signedIn())).told).toEqual([]);
    expect(follow('nobody').told).toEqual([]);
  });

  test('again of a new token that is short too, and not after it stopped', async () => {
    const [ends, later] = [Date.now() + 5_000, Date.now() + 8_000];
    const client = await signedIn(`ada@${ends}`);
    const name = await nameOf(client);
    const [one, two] = [follow(name), follow(name)];
    two.stop();
    await renew(viewer('ada'), name, `ada@${later}`);
    expect(one.told).toEqual([ends, later]);
    expect(two.told).toEqual([ends]);
    await renew(viewer('ada'), name, 'ada');
    expect(one.told).toEqual([ends, later]);
    expect(follow(name).told).toEqual([]);
  });
});

describe('whoever goes too far goes alone', () => {
  test('an operation too many: the others of the socket, and other sockets, go on', async () => {
    const [client, other] = await Promise.all([signedIn(), signedIn('grace')]);
    for (let i = 0; i < limits.operationsPerSocket; i += 1) {
      client.subscribe(`s${i}`, 'subscription { numbers(everyMs: 5) { n } }');
    }
    for (let i = 0; i < 10; i += 1) client.subscribe(`over-${i}`, '{ me }');
    for (let i = 0; i < 10; i += 1) {
      const { payload } = await client.expect('error', `over-${i}`);
      expect(payload).toMatchObject([{ extensions: { code: 'RATE_LIMITED', retryable: true } }]);
    }
    const before = client.heard.length;
    await vi.waitFor(() => {
      for (let i = 0; i < limits.operationsPerSocket; i += 1) {
        expect(client.heard.slice(before).some(({ id }) => id === `s${i}`)).toBe(true);
      }
    });
    await answers(other, 'q', 'grace');
  });

  test('a frame too large: only that socket closes', async () => {
    const [client, same, other] = await Promise.all([signedIn(), signedIn(), signedIn('grace')]);
    client.send('x'.repeat(limits.frameBytes + 1));
    expect((await client.closed).code).toBe(1009);
    await answers(same, 'q', 'ada');
    await answers(other, 'q', 'grace');
  });

  test('a connection too many: the person keeps those there are, and others get theirs', async () => {
    const held = await Promise.all(Array.from({ length: limits.connectionsPerUser }, () => signedIn()));
    const over = await TestClient.knock(server.url, { authorization: 'ada' });
    expect(await over.closed).toEqual({ code: 4429, reason: 'too many connections' });
    for (const [i, client] of held.entries()) await answers(client, `q${i}`, 'ada');
    await answers(await signedIn('grace'), 'q', 'grace');
    expect(server.edge.size).toBe(limits.connectionsPerUser + 1);
  });
});
