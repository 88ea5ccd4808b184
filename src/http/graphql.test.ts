import { once } from 'node:events';
import { connect } from 'node:net';
import { auditServer } from 'graphql-http';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { limits } from '../chat/limits.ts';
import { startHttp, type TestHttp } from './testing/http-server.ts';

let server: TestHttp;
beforeEach(async () => {
  server = await startHttp();
});
afterEach(() => server.close());

interface Answer {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly {
    readonly message: string;
    readonly extensions: { readonly code: string };
    readonly locations?: unknown;
  }[];
}

async function ask(body: string | object, headers: Record<string, string> = {}) {
  const response = await fetch(server.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: response.status, headers: response.headers, answer: (await response.json()) as Answer };
}
const ada = { authorization: 'Bearer ada' };

test("graphql-http's audit has no failing MUST or SHOULD", async () => {
  const results = await auditServer({ url: server.url });
  const failing = results.filter((r) => r.status !== 'ok' && /^(MUST|SHOULD)/.test(r.name));
  expect(failing.map((r) => `${r.name}: ${'reason' in r ? r.reason : ''}`)).toEqual([]);
  expect(results.length).toBeGreaterThan(50);
});

describe('operations', () => {
  test('a query by POST and by GET, a mutation by POST', async () => {
    expect(await ask({ query: '{ me }' }, ada)).toMatchObject({
      status: 200,
      answer: { data: { me: 'ada' } },
    });
    const get = await fetch(`${server.url}?query=${encodeURIComponent('{ me }')}`, { headers: ada });
    expect(await get.json()).toEqual({ data: { me: 'ada' } });
    const query = 'mutation($t: String) { echo(text: $t) }';
    expect((await ask({ query, variables: { t: 'hi' } }, ada)).answer).toEqual({ data: { echo: 'ada: hi' } });
  });

  test('GET never mutates', async () => {
    const url = `${server.url}?query=${encodeURIComponent('mutation { echo(text: "x") }')}`;
    const response = await fetch(url, { headers: ada });
    expect(response.status).toBe(405);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
  });

  test('an operation that never ends is answered in time', { timeout: 20_000 }, async () => {
    const { status, answer } = await ask({ query: '{ never }' }, ada);
    expect(status).toBe(503);
    expect(answer.errors?.[0]?.extensions).toEqual({ code: 'UNAVAILABLE', retryable: true });
  });
});

describe('bad input is answered with a code, and no more', () => {
  const refused = async (body: string | object, headers?: Record<string, string>) => {
    const { status, answer } = await ask(body, headers);
    expect(answer.data ?? null).toBeNull();
    expect(JSON.stringify(answer)).not.toMatch(/at .*\.[jt]s|"http"/);
    return { status, code: answer.errors?.[0]?.extensions.code, message: answer.errors?.[0]?.message };
  };

  test.each([
    ['broken JSON', '{"query": '],
    ['no JSON', 'hello'],
    ['nothing', ''],
    ['null', 'null'],
    ['a list: batching is off', '[{"query":"{ me }"}]'],
    ['no query', '{}'],
    ['a query that is no text', '{"query": 7}'],
    ['variables that are a list', '{"query": "{ me }", "variables": []}'],
    ['an unknown parameter', '{"query": "{ me }", "queri": 1}'],
    ['a syntax error', '{"query": "{ me"}'],
    ['an unknown field', '{"query": "{ you }"}'],
    ['an unknown operation', '{"query": "query A { me }", "operationName": "B"}'],
    ['several operations and no name', '{"query": "query A { me } query B { me }"}'],
    [
      'a variable of the wrong type',
      '{"query": "mutation($t: String) { echo(text: $t) }", "variables": {"t": {}}}',
    ],
  ])('%s', async (_, body) => {
    expect(await refused(body, ada)).toMatchObject({ code: 'BAD_USER_INPUT' });
    const strict = { ...ada, accept: 'application/graphql-response+json' };
    expect((await refused(body, strict)).status).toBe(400);
  });

  test.each(['variables', 'extensions'])('%s in an address that are no JSON', async (name) => {
    const address = `${server.url}?query=%7Bme%7D&${name}=%5B%5B`;
    const response = await fetch(address, { headers: ada });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
  });

  test('all validation errors come, with their places', async () => {
    const { answer } = await ask({ query: '{ you they }' });
    expect(answer.errors).toHaveLength(2);
    expect(answer.errors?.[1]).toMatchObject({ locations: [{ line: 1, column: 7 }] });
  });

  test('other content types are refused: a form or text needs no permission of the browser', async () => {
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      '',
    ]) {
      expect(await refused('{"query":"{ me }"}', { 'content-type': type })).toMatchObject({
        status: 415,
        code: 'BAD_USER_INPUT',
      });
    }
  });

  test('other methods are refused', async () => {
    for (const method of ['PUT', 'DELETE', 'PATCH']) {
      const response = await fetch(server.url, { method, headers: ada });
      expect(response.status).toBe(405);
    }
  });

  test('a bug is masked', async () => {
    const { status, answer } = await ask({ query: '{ bug }' });
    expect(status).toBe(200);
    expect(answer.errors?.[0]?.extensions.code).toBe('INTERNAL_SERVER_ERROR');
    expect(JSON.stringify(answer)).not.toContain('secrets');
  });
});

describe('tokens', () => {
  test.each([
    ['bad', 401, 'UNAUTHENTICATED'],
    ['ada@1', 401, 'UNAUTHENTICATED'],
    ['stranger', 403, 'FORBIDDEN'],
    ['offline', 503, 'UNAVAILABLE'],
  ])('%s: %i %s', async (token, status, code) => {
    const { answer, ...rest } = await ask({ query: '{ __typename }' }, { authorization: `Bearer ${token}` });
    expect({ status: rest.status, code: answer.errors?.[0]?.extensions.code }).toEqual({ status, code });
  });

  test('none: operations that need one answer UNAUTHENTICATED, the others work', async () => {
    for (const headers of [{}, { authorization: '' }, { authorization: 'Bearer ' }]) {
      expect((await ask({ query: '{ me }' }, headers)).answer.errors?.[0]?.extensions.code).toBe(
        'UNAUTHENTICATED',
      );
      expect((await ask({ query: '{ __typename }' }, headers)).answer.data).toEqual({ __typename: 'Query' });
    }
  });

  test('bare, without Bearer', async () => {
    expect((await ask({ query: '{ me }' }, { authorization: 'ada' })).answer.data).toEqual({ me: 'ada' });
  });

  test('introspection needs one where the schema is closed', async () => {
    await server.close();
    server = await startHttp({ isSchemaOpen: false });
    const query = '{ __schema { queryType { name } } }';
    const refused = await ask({ query });
    expect([refused.status, refused.answer.errors?.[0]?.extensions.code]).toEqual([401, 'UNAUTHENTICATED']);
    expect((await ask({ query }, ada)).answer.data).toBeTruthy();
  });
});

describe('size', () => {
  const bodyOf = (bytes: number): string => {
    const frame = JSON.stringify({ query: '{ me }', variables: { pad: '' } });
    return frame.replace('""', `"${'x'.repeat(bytes - frame.length)}"`);
  };

  test('a body of the limit is taken, one byte more is 413', async () => {
    expect((await ask(bodyOf(limits.bodyBytes), ada)).answer.data).toEqual({ me: 'ada' });
    const { status, answer } = await ask(bodyOf(limits.bodyBytes + 1), ada);
    expect({ status, code: answer.errors?.[0]?.extensions.code }).toEqual({
      status: 413,
      code: 'BAD_USER_INPUT',
    });
  });

  test('a body that does not say its length is counted', async () => {
    const response = await fetch(server.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...ada },
      body: new Blob([bodyOf(limits.bodyBytes + 1)]).stream(),
      duplex: 'half',
    } as RequestInit);
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
  });

  test('after a body that is too long the connection takes the next request', async () => {
    const socket = connect(server.port, '127.0.0.1');
    const head =
      'POST /graphql HTTP/1.1\r\nhost: here\r\ncontent-type: application/json\r\nauthorization: ada\r\n';
    const next = JSON.stringify({ query: '{ me }' });
    const part = 'x'.repeat(100_000);
    socket.write(`${head}transfer-encoding: chunked\r\n\r\n`);
    let heard = '';
    socket.on('data', (bytes) => {
      heard += bytes;
    });
    for (let sent = 0; sent < 30; sent += 1) socket.write(`${part.length.toString(16)}\r\n${part}\r\n`);
    await vi.waitFor(() => expect(heard).toContain(' 413 '));
    socket.write(`0\r\n\r\n${head}content-length: ${next.length}\r\n\r\n${next}`);
    await vi.waitFor(() => expect(heard).toContain('{"data":{"me":"ada"}}'));
    socket.destroy();
  });

  test('a Host that is none is refused as such', async () => {
    const socket = connect(server.port, '127.0.0.1');
    socket.end('GET /graphql?query={me} HTTP/1.1\r\nhost: [here\r\nconnection: close\r\n\r\n');
    const answer = Buffer.concat(await socket.toArray()).toString();
    expect(answer).toMatch(/^HTTP\/1.1 400 .*"code":"BAD_USER_INPUT"/s);
  });

  test('what is no HTTP ends its own connection', async () => {
    const socket = connect(server.port, '127.0.0.1');
    socket.write('\u0000\u0001 nonsense\r\n\r\n');
    socket.resume();
    await once(socket, 'close');
    expect((await ask({ query: '{ me }' }, ada)).status).toBe(200);
  });
});

describe('subscriptions', () => {
  const follow = async (query: string, token: string, signal?: AbortSignal) =>
    fetch(server.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream', authorization: token },
      body: JSON.stringify({ query }),
      ...(signal ? { signal } : {}),
    });

  test('as JSON they are refused with where to go', async () => {
    const { answer } = await ask({ query: 'subscription { numbers { n } }' }, ada);
    expect(answer.errors?.[0]).toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } });
    expect(answer.errors?.[0]?.message).toContain('WebSocket');
  });

  test('as an event stream they run until the client leaves', async () => {
    const leaving = new AbortController();
    const response = await follow('subscription { numbers { n } }', 'ada', leaving.signal);
    let text = '';
    for await (const chunk of response.body ?? []) {
      text += Buffer.from(chunk).toString();
      if (text.includes('"n":3')) break;
    }
    leaving.abort();
    await vi.waitFor(() => expect([server.streams.size, server.watched.size]).toEqual([0, 0]), {
      timeout: 20_000,
    });
  });

  test('an event that cannot be delivered whole ends the stream without it', async () => {
    const text = await (await follow('subscription { numbers { n broken } }', 'ada')).text();
    expect(text).not.toContain('UNAVAILABLE');
    expect(text).not.toContain('"n":1');
    expect([server.streams.size, server.watched.size]).toEqual([0, 0]);
  });

  test('the stream ends with its token', async () => {
    await (await follow('subscription { numbers { n } }', `ada@${Date.now() + 300}`)).text();
    expect([server.streams.size, server.watched.size]).toEqual([0, 0]);
  });

  test('nobody begins one without a token, or more than their connections', async () => {
    await server.close();
    server = await startHttp({ connectionLimit: 1 });
    expect(await (await follow('subscription { numbers { n } }', '')).text()).toContain('UNAUTHENTICATED');
    const leaving = new AbortController();
    await follow('subscription { numbers { n } }', 'ada', leaving.signal);
    expect(await (await follow('subscription { numbers { n } }', 'ada')).text()).toContain('RATE_LIMITED');
    leaving.abort();
    await vi.waitFor(() => expect(server.watched.size).toBe(0), { timeout: 20_000 });
    const again = await follow('subscription { numbers(failAfter: 1) { n } }', 'ada');
    expect(await again.text()).toContain('"n":1');
  });
});
