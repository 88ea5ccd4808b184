/** Who was looked up just now has their queries and mutations answered past graphql-ws: with the very same frames. */
import { expect, test, vi } from 'vitest';
import type { Viewers } from '../auth/viewers.ts';
import { limits } from '../chat/limits.ts';
import type { Viewer } from '../chat/viewer.ts';
import { testOperations, testViewers } from '../operation/testing/test-operations.ts';
import { startEdge, TestClient } from './testing/edge-server.ts';

/** As the server's own: the second time at once. */
function rememberingViewers(): Viewers {
  const known = new Map<string, Viewer>();
  return {
    of: (token) =>
      known.get(token) ??
      Promise.resolve(testViewers.of(token)).then((viewer) => {
        known.set(token, viewer);
        return viewer;
      }),
  };
}

const OPERATIONS: readonly (readonly [query: string, more?: object])[] = [
  ['{ me }'],
  ['{ mine: me bug long }'],
  ['mutation($t: String) { echo(text: $t) }', { variables: { t: 'ë "\u2028' } }],
  ['query A { me } query B { bug }', { operationName: 'B' }],
  ['query A { me } query B { bug }', { operationName: 'C' }],
  ['mutation($t: String) { echo(text: $t) }', { variables: { t: { no: 'text' } } }],
  ['mutation($t: String!) { echo(text: $t) }'],
  ['{ you }'],
  ['{ me'],
  [''],
  ['{ me }', { extensions: { headers: { authorization: 'grace' } } }],
  ['subscription { numbers(failAfter: 0) { n } }'],
  ['subscription { numbers(bytes: 3, everyMs: 60000) { n text } }'],
];

async function framesOf(viewers: Viewers): Promise<readonly unknown[]> {
  const server = await startEdge({ viewers });
  try {
    const client = await TestClient.open(server.url, { authorization: 'ada' });
    const frames: unknown[] = [];
    for (const [i, [query, more]] of OPERATIONS.entries()) {
      // An id that has to be written with care.
      const id = `"${i}\u0000ö`;
      client.heard.length = 0;
      client.subscribe(id, query, more);
      await Promise.any([
        client.expect('complete', id),
        client.expect('error', id),
        ...(query.startsWith('subscription') ? [client.expect('next', id)] : []),
        client.closed,
      ]);
      frames.push(structuredClone(client.heard));
    }
    return frames;
  } finally {
    await server.close();
  }
}

test('every operation is answered with the frames that graphql-ws would send', async () => {
  const [past, by] = await Promise.all([framesOf(rememberingViewers()), framesOf(testViewers)]);
  expect(past).toEqual(by);
  expect(past).toHaveLength(OPERATIONS.length);
});

test('what has one answer is run once, without graphql-ws', async () => {
  const operations = testOperations(new Set());
  const check = vi.spyOn(operations, 'check');
  const server = await startEdge({ viewers: rememberingViewers(), operations });
  const client = await TestClient.open(server.url, { authorization: 'ada' });
  client.subscribe('a', '{ me }');
  await client.expect('complete', 'a');
  client.subscribe('a', 'mutation { echo(text: "hi") }');
  await vi.waitFor(() => expect(client.heard.filter(({ type }) => type === 'complete')).toHaveLength(2));
  // graphql-ws would have asked again.
  expect(check).toHaveBeenCalledTimes(2);
  client.ws.close();
  await server.close();
});

test('whoever completes an operation hears nothing more of it, and may use its id again', async () => {
  const operations = testOperations(new Set());
  const gate = Promise.withResolvers<void>();
  const { execute } = operations;
  vi.spyOn(operations, 'execute').mockImplementationOnce(async (...args) => {
    await gate.promise;
    return execute(...args);
  });
  const server = await startEdge({ viewers: rememberingViewers(), operations });
  const client = await TestClient.open(server.url, { authorization: 'ada' });
  client.subscribe('b', '{ connection }');
  client.send({ id: 'b', type: 'complete' });
  client.subscribe('c', '{ me }');
  await client.expect('complete', 'c');
  gate.resolve();
  client.subscribe('d', '{ me }');
  await client.expect('complete', 'd');
  expect(client.heard.filter(({ id }) => id === 'b')).toEqual([]);
  client.subscribe('b', '{ me }');
  expect((await client.expect('next', 'b')).payload).toEqual({ data: { me: 'ada' } });
  client.ws.close();
  await server.close();
});

test('a live id used again, an operation too many and one before the acknowledgement end as they do', async () => {
  const server = await startEdge({ viewers: rememberingViewers() });
  const [twice, many] = await Promise.all(
    ['ada', 'ada'].map((authorization) => TestClient.open(server.url, { authorization })),
  );
  twice?.subscribe('a', '{ never }');
  twice?.subscribe('a', '{ me }');
  expect(await twice?.closed).toMatchObject({ code: 4409 });

  for (let i = 0; i < limits.operationsPerSocket; i += 1) many?.subscribe(`n${i}`, '{ never }');
  many?.subscribe('over', '{ me }');
  const refused = await many?.expect('error', 'over');
  expect(JSON.stringify(refused?.payload)).toContain('RATE_LIMITED');

  const early = await TestClient.knock(server.url, { authorization: 'ada' });
  early.subscribe('a', '{ me }');
  expect(await early.closed).toMatchObject({ code: 4401 });
  await server.close();
});

test('a document nested deeper than it can be read ends its operation alone, with and without a token', async () => {
  const server = await startEdge({ viewers: rememberingViewers() });
  const clients = await Promise.all(
    [{ authorization: 'ada' }, {}].map((params) => TestClient.open(server.url, params)),
  );
  for (const client of clients) {
    client.subscribe('deep', `mutation { echo(text: ${'['.repeat(50_000)}`);
    const { payload } = await client.expect('error', 'deep');
    expect(JSON.stringify(payload)).toContain('QUERY_TOO_COMPLEX');
    client.send({ type: 'ping' });
    await client.expect('pong');
    client.ws.close();
  }
  await server.close();
});

test('what is thrown while an operation is begun ends that operation, not the server', async () => {
  const operations = testOperations(new Set());
  const server = await startEdge({ viewers: rememberingViewers(), operations });
  const client = await TestClient.open(server.url, { authorization: 'ada' });
  const broken = () => {
    throw new Error('broken');
  };
  vi.spyOn(operations, 'check').mockImplementationOnce(broken).mockImplementationOnce(broken);
  client.subscribe('a', '{ me }');
  await client.expect('error', 'a');
  client.subscribe('b', '{ me }');
  await client.expect('complete', 'b');
  client.ws.close();
  await server.close();
});
