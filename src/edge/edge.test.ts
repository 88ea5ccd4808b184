import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { limits } from '../chat/limits.ts';
import { testViewers } from '../operation/testing/test-operations.ts';
import { startEdge, TestClient, type TestEdge } from './testing/edge-server.ts';

let server: TestEdge;
beforeEach(async () => {
  server = await startEdge();
});
afterEach(() => server.close());

const signedIn = (token = 'ada') => TestClient.open(server.url, { authorization: token });
const errorCode = (message: { payload?: unknown }) =>
  (message.payload as { extensions: { code: string } }[])[0]?.extensions.code;

describe('operations', () => {
  test('queries, mutations and subscriptions run over one socket', async () => {
    const client = await signedIn();
    client.subscribe('q', '{ me }');
    client.subscribe('m', 'mutation($t: String) { echo(text: $t) }', { variables: { t: 'hi' } });
    client.subscribe('s', 'subscription { numbers { n } }');
    expect((await client.expect('next', 'q')).payload).toEqual({ data: { me: 'ada' } });
    expect((await client.expect('next', 'm')).payload).toEqual({ data: { echo: 'ada: hi' } });
    expect((await client.expect('next', 's')).payload).toEqual({ data: { numbers: { n: 1 } } });
    await client.expect('complete', 'q');
    client.ws.close();
  });

  test('each socket has a name, the same for all its operations', async () => {
    const [one, two] = await Promise.all([signedIn(), signedIn()]);
    for (const client of [one, two]) {
      client.subscribe('a', '{ connection }');
      client.subscribe('b', '{ connection }');
    }
    const name = async (client: TestClient, id: string) =>
      JSON.stringify((await client.expect('next', id)).payload);
    expect(await name(one, 'a')).toBe(await name(one, 'b'));
    expect(await name(one, 'a')).not.toBe(await name(two, 'a'));
  });

  test('a completed subscription and a closed socket close their streams', async () => {
    const client = await signedIn();
    client.subscribe('a', 'subscription { numbers { n } }');
    client.subscribe('b', 'subscription { numbers(everyMs: 60000) { n } }');
    await Promise.all([client.expect('next', 'a'), client.expect('next', 'b')]);
    expect(server.streams.size).toBe(2);
    client.send({ id: 'a', type: 'complete' });
    await vi.waitFor(() => expect(server.streams.size).toBe(1));
    client.ws.terminate();
    await vi.waitFor(() =>
      expect({ streams: server.streams.size, sockets: server.edge.size }).toEqual({ streams: 0, sockets: 0 }),
    );
  });
});

describe('bad operations end themselves and never the socket', () => {
  test.each([
    ['a syntax error', '{ me', {}, 'BAD_USER_INPUT'],
    ['nothing', '', {}, 'BAD_USER_INPUT'],
    ['an unknown field', '{ you }', {}, 'BAD_USER_INPUT'],
    ['an unknown operation', 'query A { me }', { operationName: 'B' }, 'BAD_USER_INPUT'],
    ['a subscription that may not begin', 'subscription { numbers { nothing } }', {}, 'BAD_USER_INPUT'],
  ])('%s', async (_, query, more, code) => {
    const client = await signedIn();
    client.subscribe('bad', query, more);
    expect(errorCode(await client.expect('error', 'bad'))).toBe(code);
    client.subscribe('good', '{ me }');
    await client.expect('next', 'good');
    // The id is free again.
    client.subscribe('bad', '{ me }');
    await client.expect('next', 'bad');
  });

  test('wrong variables are errors of the operation; failing resolvers of the result, masked', async () => {
    const client = await signedIn();
    client.subscribe('v', 'mutation($t: String) { echo(text: $t) }', { variables: { t: { no: 'text' } } });
    client.subscribe('b', '{ bug }');
    expect(errorCode(await client.expect('error', 'v'))).toBe('BAD_USER_INPUT');
    const bug = JSON.stringify((await client.expect('next', 'b')).payload);
    expect(bug).toContain('INTERNAL_SERVER_ERROR');
    expect(bug).not.toContain('secrets');
  });

  test('one operation more than a socket may have answers RATE_LIMITED', async () => {
    const client = await signedIn();
    for (let i = 0; i < limits.operationsPerSocket; i += 1) {
      client.subscribe(`s${i}`, 'subscription { numbers(everyMs: 60000) { n } }');
    }
    client.subscribe('over', '{ me }');
    expect(errorCode(await client.expect('error', 'over'))).toBe('RATE_LIMITED');
    await client.expect('next', `s${limits.operationsPerSocket - 1}`);
    client.send({ id: 's0', type: 'complete' });
    await vi.waitFor(() => expect(server.streams.size).toBe(limits.operationsPerSocket - 1));
    client.subscribe('fits', '{ me }');
    await client.expect('next', 'fits');
  });
});

describe('tokens', () => {
  test.each(['authorization', 'Authorization'])(
    'in connectionParams.%s, bare or with Bearer',
    async (name) => {
      for (const value of ['ada', 'Bearer ada']) {
        const client = await TestClient.open(server.url, { [name]: value });
        client.subscribe('q', '{ me }');
        expect((await client.expect('next')).payload).toEqual({ data: { me: 'ada' } });
      }
    },
  );

  test.each([undefined, {}, { authorization: '' }, { authorization: 'Bearer ' }, { authorization: null }])(
    'none (%j): acknowledged, and operations answer UNAUTHENTICATED until one comes',
    async (params) => {
      const client = await TestClient.open(server.url, params);
      client.subscribe('q', '{ me }');
      client.subscribe('s', 'subscription { numbers { n } }');
      expect(JSON.stringify((await client.expect('next', 'q')).payload)).toContain('UNAUTHENTICATED');
      expect(errorCode(await client.expect('error', 's'))).toBe('UNAUTHENTICATED');
      client.subscribe('own', '{ me }', { extensions: { headers: { Authorization: 'Bearer grace' } } });
      expect((await client.expect('next', 'own')).payload).toEqual({ data: { me: 'grace' } });
      client.subscribe('after', '{ me }');
      expect((await client.expect('next', 'after')).payload).toEqual({ data: { me: 'grace' } });
    },
  );

  test.each(['bad', 'ada@1', 'no token at all', 'stranger', 7, {}, true])(
    'a bad one (%j) closes 4401',
    async (token) => {
      const client = await TestClient.knock(server.url, { authorization: token });
      expect(await client.closed).toEqual({ code: 4401, reason: 'unauthorized' });
      expect(client.heard).toEqual([]);
    },
  );

  test('a bad one of an operation closes 4401', async () => {
    const client = await signedIn();
    client.subscribe('q', '{ me }', { extensions: { headers: { authorization: 'bad' } } });
    expect(await client.closed).toEqual({ code: 4401, reason: 'unauthorized' });
  });

  test('an operation runs as whom its own token names', async () => {
    const client = await signedIn();
    client.subscribe('q', '{ me }', { extensions: { headers: { authorization: 'grace' } } });
    client.subscribe('r', '{ me }');
    expect((await client.expect('next', 'q')).payload).toEqual({ data: { me: 'grace' } });
    expect((await client.expect('next', 'r')).payload).toEqual({ data: { me: 'ada' } });
  });

  test('while nobody can be looked up the client is told to come back', async () => {
    const client = await TestClient.knock(server.url, { authorization: 'offline' });
    expect(await client.closed).toEqual({ code: 1013, reason: 'resume' });
  });

  test('the end of the token closes 4403, streams and all', async () => {
    const client = await signedIn(`ada@${Date.now() + 400}`);
    client.subscribe('s', 'subscription { numbers { n } }');
    await client.expect('next', 's');
    expect(await client.closed).toEqual({ code: 4403, reason: 'token expired' });
    await vi.waitFor(() => expect(server.streams.size).toBe(0));
  });

  test('a newer token of the same person keeps the socket', async () => {
    const end = Date.now() + 400;
    const client = await signedIn(`ada@${end}`);
    client.subscribe('q', '{ me }', { extensions: { headers: { authorization: 'ada' } } });
    await client.expect('next', 'q');
    await sleep(end - Date.now() + 100);
    client.subscribe('r', '{ me }');
    expect((await client.expect('next', 'r')).payload).toEqual({ data: { me: 'ada' } });
  });

  test('a token that lasts longer than any timer does not end at once', async () => {
    const warnings: Error[] = [];
    const keep = (warning: Error) => void warnings.push(warning);
    process.on('warning', keep);
    const client = await signedIn(`ada@${Date.now() + 400 * 24 * 3_600_000}`);
    client.subscribe('q', '{ me }');
    await client.expect('next', 'q');
    await sleep(50);
    process.off('warning', keep);
    expect(warnings).toEqual([]);
    expect(client.ws.readyState).toBe(client.ws.OPEN);
  });

  test('whoever is shut out is closed with 4401, and nobody else', async () => {
    const [ada, grace] = await Promise.all([signedIn('ada'), signedIn('grace')]);
    const { tenant } = await testViewers.of('ada');
    await server.edge.shutOut({ organizationId: 'another', userId: 'ada' });
    ada.subscribe('still', '{ me }');
    await ada.expect('next', 'still');
    await server.edge.shutOut({ organizationId: tenant.organizationId, userId: 'ada' });
    expect(await ada.closed).toEqual({ code: 4401, reason: 'unauthorized' });
    expect(grace.ws.readyState).toBe(grace.ws.OPEN);
  });

  test('also who was found to be allowed in right before', async () => {
    await server.close();
    const gate = Promise.withResolvers<void>();
    server = await startEdge({
      viewers: {
        of: async (token) => {
          const viewer = await testViewers.of(token);
          await gate.promise;
          return viewer;
        },
      },
    });
    const ada = await TestClient.knock(server.url, { authorization: 'ada' });
    const { tenant } = await testViewers.of('ada');
    await sleep(50);
    gate.resolve();
    await server.edge.shutOut({ organizationId: tenant.organizationId, userId: 'ada' });
    expect(await ada.closed).toEqual({ code: 4401, reason: 'unauthorized' });
  });

  test('when nobody is known to be allowed any more, all sockets are told to come back', async () => {
    const [ada, grace] = await Promise.all([signedIn('ada'), signedIn('grace')]);
    server.edge.resumeAll();
    for (const { closed } of [ada, grace]) expect(await closed).toEqual({ code: 1013, reason: 'resume' });
  });

  test('one connection more than a person may hold closes 4429; a closed one makes room', async () => {
    const held = await Promise.all(Array.from({ length: limits.connectionsPerUser }, () => signedIn()));
    const over = await TestClient.knock(server.url, { authorization: 'ada' });
    expect(await over.closed).toEqual({ code: 4429, reason: 'too many connections' });
    await signedIn('grace');
    held[0]?.ws.close();
    await held[0]?.closed;
    await signedIn();
  });
});

describe('frames and protocol', () => {
  const frame = (bytes: number) => {
    const message = { id: 'q', type: 'subscribe', payload: { query: '{ me }', variables: { pad: '' } } };
    const rest = bytes - JSON.stringify(message).length;
    return { ...message, payload: { ...message.payload, variables: { pad: 'x'.repeat(rest) } } };
  };

  test('a frame of the limit is taken, one byte more closes 1009', async () => {
    const client = await signedIn();
    client.send(frame(limits.frameBytes));
    await client.expect('next', 'q');
    client.send(frame(limits.frameBytes + 1));
    expect((await client.closed).code).toBe(1009);
  });

  test('what is no message of the protocol closes 4400', async () => {
    for (const text of [
      'hello',
      '{"type":"dance"}',
      '[]',
      '{"type":"subscribe"}',
      '{"type":"subscribe","id":""}',
    ]) {
      const client = await signedIn();
      client.send(text);
      expect((await client.closed).code).toBe(4400);
    }
  });

  test('an operation that is none ends by itself, and the socket goes on', async () => {
    const client = await signedIn();
    const bad = [undefined, 'x', {}, { query: 5 }, { query: '{ me }', variables: 'x' }];
    for (const [i, payload] of bad.entries()) {
      client.send({ id: `bad-${i}`, type: 'subscribe', payload });
      expect(await client.expect('error', `bad-${i}`)).toMatchObject({
        payload: [{ extensions: { code: 'BAD_USER_INPUT' } }],
      });
    }
    client.subscribe('good', '{ me }');
    await client.expect('next', 'good');
  });

  test("the protocol's own codes: operations before the handshake, a second handshake, an id twice, another protocol", async () => {
    const early = new TestClient(server.url);
    early.ws.once('open', () => early.subscribe('q', '{ me }'));
    expect((await early.closed).code).toBe(4401);

    const twice = await signedIn();
    twice.send({ type: 'connection_init' });
    expect((await twice.closed).code).toBe(4429);

    const sameId = await signedIn();
    sameId.subscribe('s', 'subscription { numbers { n } }');
    await sameId.expect('next', 's');
    sameId.subscribe('s', '{ me }');
    expect((await sameId.closed).code).toBe(4409);
  });

  test('compression is not offered', async () => {
    const client = await signedIn();
    expect(client.ws.extensions).toBe('');
  });
});

describe('slow and broken', () => {
  test('an event that cannot be delivered whole closes 1013 resume', async () => {
    const client = await signedIn();
    client.subscribe('s', 'subscription { numbers { n broken } }');
    expect(await client.closed).toEqual({ code: 1013, reason: 'resume' });
    expect(client.heard.filter((m) => m.type === 'next')).toEqual([]);
    await vi.waitFor(() => expect(server.streams.size).toBe(0));
  });

  test('a source that cannot go on closes 1013 resume after what it gave', async () => {
    const client = await signedIn();
    client.subscribe('s', 'subscription { numbers(failAfter: 3) { n } }');
    expect(await client.closed).toEqual({ code: 1013, reason: 'resume' });
    expect(client.heard.filter((m) => m.type === 'next')).toHaveLength(3);
  });

  test('a client that does not read is not written to without end, and is cut as slow', async () => {
    await server.close();
    server = await startEdge({ timings: { pingMs: 150, closeMs: 5_000 } });
    const client = await signedIn();
    client.ws.pause();
    const before = process.memoryUsage().arrayBuffers;
    client.subscribe('s', 'subscription { numbers(bytes: 200000, everyMs: 0) { n text } }');
    await vi.waitFor(() => expect(server.streams.size).toBe(1));
    await vi.waitFor(() => expect(server.streams.size).toBe(0), 10_000);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 1024 * 1024);
    client.ws.resume();
    expect(await client.closed).toEqual({ code: 1013, reason: 'slow consumer' });
  });

  test('a client that reads after a while goes on where it was: its stream has waited for it', async () => {
    const client = await signedIn();
    client.ws.pause();
    client.subscribe('s', 'subscription { numbers(bytes: 200000, everyMs: 0) { n text } }');
    await vi.waitFor(() => expect(server.streams.size).toBe(1));
    await sleep(500);
    expect(client.heard.length).toBeLessThan(5);
    client.ws.resume();
    await vi.waitFor(() => expect(client.heard.length).toBeGreaterThan(100), 10_000);
    const seen = client.heard.flatMap(({ payload }) => {
      const event = payload as { data?: { numbers: { n: number } } } | undefined;
      return event?.data?.numbers.n ?? [];
    });
    expect(seen).toEqual(seen.map((_, i) => i + 1));
    expect(client.ws.readyState).toBe(client.ws.OPEN);
    client.ws.terminate();
  });

  test('answers that pile up unread are bounded too', async () => {
    const client = await signedIn();
    client.ws.pause();
    for (let i = 0; i < 40; i += 1) client.subscribe(`q${i}`, '{ long }');
    await sleep(300);
    client.ws.resume();
    expect(await client.closed).toEqual({ code: 1013, reason: 'slow consumer' });
    expect(client.heard.length).toBeLessThan(20);
  });

  test('a client that went silent is cut', async () => {
    await server.close();
    server = await startEdge({ timings: { pingMs: 60, closeMs: 100 } });
    const client = await signedIn();
    client.ws.pong = () => undefined;
    client.ws.pause();
    await vi.waitFor(() => expect(server.edge.size).toBe(0), 5_000);
  });
});

test('a restart closes every socket with 1012 and waits for them', async () => {
  const clients = await Promise.all([signedIn('ada'), signedIn('grace')]);
  clients[0]?.subscribe('s', 'subscription { numbers { n } }');
  await clients[0]?.expect('next', 's');
  await server.edge.close();
  expect(server.edge.size).toBe(0);
  expect(server.streams.size).toBe(0);
  for (const client of clients) expect(await client.closed).toEqual({ code: 1012, reason: 'restarting' });
});
