/** What pages of this origin and of others can do, over HTTP and by WebSocket; and what browsers make of our answers. */
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { silentLogger } from '../chat/logger.ts';
import { startHttp, type TestHttp } from './testing/http-server.ts';

let server: TestHttp;
afterEach(() => server.close());

const open = async (options: Parameters<typeof startHttp>[0] = {}): Promise<void> => {
  server = await startHttp({
    corsOrigins: ['https://chat.example.com'],
    // As far as a handshake needs to go.
    upgrade: (_, socket) => socket.end('HTTP/1.1 418 Taken\r\nconnection: close\r\n\r\n'),
    ...options,
  });
};

/** With headers that a browser sets and fetch does not let one set. */
async function ask(method: string, headers: Record<string, string>, path = '/graphql?query={__typename}') {
  const sent = httpRequest({ port: server.port, host: '127.0.0.1', path, method, headers });
  sent.end(method === 'POST' ? '{"query":"{ __typename }"}' : '');
  const [response] = await once(sent, 'response');
  let body = '';
  for await (const chunk of response) body += chunk;
  return { status: response.statusCode as number, headers: response.headers, body };
}

async function upgrade(headers: Record<string, string>): Promise<string> {
  const { origin, ...others } = headers;
  const ws = new WebSocket(`ws://127.0.0.1:${server.port}/graphql`, {
    headers: others,
    ...(origin === undefined ? {} : { origin }),
  });
  const [error] = await once(ws, 'error');
  return /\d{3}/.exec(String(error))?.[0] ?? 'none';
}

const JSON_TYPE = { 'content-type': 'application/json' };

describe.each([
  ['no browser', {}, true],
  ['Node, which says how it fetches', { 'sec-fetch-mode': 'cors' }, true],
  ['a page that is named', { origin: 'https://chat.example.com', 'sec-fetch-site': 'cross-site' }, true],
  ['our own page', { origin: 'http://HOST', 'sec-fetch-site': 'same-origin' }, true],
  ['our own page behind TLS that ends before us', { origin: 'https://HOST' }, true],
  [
    'our own page behind a proxy that changes Host',
    { origin: 'https://x.example', 'sec-fetch-site': 'same-origin' },
    true,
  ],
  ['an address that was typed', { 'sec-fetch-site': 'none' }, true],
  ['a page of a stranger', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }, false],
  ['a page of a stranger in an old browser', { origin: 'https://evil.example' }, false],
  [
    'a picture or a script in such a page',
    { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' },
    false,
  ],
  ['a page of another name under the same domain', { 'sec-fetch-site': 'same-site' }, false],
  ['another port of the same host', { origin: 'http://127.0.0.1:1' }, false],
  ['a page without an origin', { origin: 'null', 'sec-fetch-site': 'cross-site' }, false],
  ['a name that begins like one that is allowed', { origin: 'https://chat.example.com.evil.example' }, false],
])('%s', (_, given, isTaken) => {
  test(isTaken ? 'is answered' : 'is refused', async () => {
    await open();
    const headers: Record<string, string> = Object.fromEntries(
      Object.entries(given).map(([name, value]) => [name, value.replace('HOST', `127.0.0.1:${server.port}`)]),
    );
    const [get, post, socket] = await Promise.all([
      ask('GET', headers),
      ask('POST', { ...headers, ...JSON_TYPE }),
      upgrade(headers),
    ]);
    expect([get.status, post.status, socket]).toEqual(isTaken ? [200, 200, '418'] : [403, 403, '403']);
    if (!isTaken) {
      expect(JSON.parse(post.body).errors[0].extensions.code).toBe('FORBIDDEN');
      expect(post.headers['access-control-allow-origin']).toBeUndefined();
    }
  });
});

test('in dev mode pages of this machine are answered, and no others sign in', async () => {
  await open({
    corsOrigins: 'loopback',
    devSignIn: async () => ({ token: 't', expiresAt: '2030-01-01T00:00:00.000Z' }),
  });
  const near = { origin: 'http://localhost:5173', 'sec-fetch-site': 'cross-site' };
  expect([(await ask('GET', near)).status, await upgrade(near)]).toEqual([200, '418']);
  const far = { origin: 'https://evil.example', ...JSON_TYPE };
  expect((await ask('POST', far, '/auth/dev')).status).toBe(403);
});

test('a link from anywhere leads to GraphiQL, and runs nothing', async () => {
  await open();
  const headers = { accept: 'text/html', 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
  const { status, body } = await ask('GET', headers, '/graphql?query={me}');
  expect([status, body.startsWith('<!doctype html>')]).toEqual([200, true]);
});

describe('headers', () => {
  const data = {
    'content-security-policy': "default-src 'none';base-uri 'none';frame-ancestors 'none'",
    'x-content-type-options': 'nosniff',
    'cross-origin-resource-policy': 'same-origin',
    'x-frame-options': 'DENY',
  };

  test('every answer is data that nothing may run, frame or load', async () => {
    await open();
    const paths = [
      '/graphql?query={__typename}',
      '/graphql?query={',
      '/health/live',
      '/health/ready',
      '/metrics',
      '/nothing',
    ];
    for (const path of paths) {
      const { headers } = await ask('GET', {}, path);
      expect({ path, ...headers }).toMatchObject({ path, ...data });
      expect(headers['strict-transport-security']).toBe('max-age=31536000');
    }
    expect((await ask('POST', JSON_TYPE)).headers).toMatchObject(data);
    expect((await ask('POST', { 'content-type': 'text/plain' })).headers).toMatchObject(data);
    expect((await ask('GET', { origin: 'https://evil.example' })).headers).toMatchObject(data);
  });

  test("GraphiQL's page has a policy of its own, and says nothing of the host to others", async () => {
    await open();
    const { headers } = await ask('GET', { accept: 'text/html' }, '/graphql');
    const policy = String(headers['content-security-policy']);
    for (const part of ["default-src 'self'", "frame-ancestors 'none'", "form-action 'none'"]) {
      expect(policy).toContain(part);
    }
    expect(policy).not.toMatch(/script-src|unsafe-eval|https?:|\*/);
    expect(headers).toMatchObject({ 'referrer-policy': 'no-referrer', 'x-frame-options': 'DENY' });
  });

  test('in dev mode nothing asks for TLS', async () => {
    await open({ devSignIn: async () => ({ token: 't', expiresAt: '' }) });
    expect((await ask('GET', {}, '/health/live')).headers['strict-transport-security']).toBeUndefined();
  });

  test('there are no cookies: none is set, and none signs anybody in', async () => {
    await open();
    const cookie = 'authorization=Bearer ada; token=ada; session=ada';
    const answers = await Promise.all([
      ask('GET', { cookie }, '/graphql?query={me}'),
      ask('GET', { cookie, authorization: 'ada' }, '/graphql?query={me}'),
      ask('GET', { cookie, accept: 'text/html' }, '/graphql'),
      ask('GET', { cookie }, '/health/live'),
    ]);
    expect(answers.map(({ headers }) => headers['set-cookie'])).toEqual(answers.map(() => undefined));
    expect(answers[0]?.body).toContain('UNAUTHENTICATED');
    expect(answers[1]?.body).toContain('ada');
  });
});

test('who is slow with a body is cut, and the others are answered meanwhile', async () => {
  await open({ arrivalMs: 300 });
  const slow = httpRequest({
    port: server.port,
    host: '127.0.0.1',
    path: '/graphql',
    method: 'POST',
    headers: { ...JSON_TYPE, 'content-length': '1000' },
  });
  slow.write('{"query"');
  const answered = once(slow, 'response');
  expect((await ask('POST', JSON_TYPE)).status).toBe(200);
  const [response] = await answered;
  expect(response.statusCode).toBe(408);
  slow.destroy();
});

test('the log says whose request it was, by the word of trusted proxies alone', async () => {
  const addresses: unknown[] = [];
  const logger = {
    ...silentLogger,
    info: (line: object) => addresses.push('address' in line && line.address),
  };
  const forwarded = { 'x-forwarded-for': '203.0.113.9' };
  for (const trustedProxies of [[], ['127.0.0.0/8']]) {
    await open({ logger, trustedProxies });
    await ask('GET', forwarded, '/nothing');
    await vi.waitFor(() => expect(addresses.length % 2).toBe(1), { timeout: 20_000 });
    await ask('GET', {}, '/nothing');
    await vi.waitFor(() => expect(addresses.length % 2).toBe(0), { timeout: 20_000 });
    if (trustedProxies.length === 0) await server.close();
  }
  expect(addresses).toEqual(['127.0.0.1', '127.0.0.1', '203.0.113.9', '127.0.0.1']);
});
