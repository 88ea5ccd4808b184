import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { inspect } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { silentLogger } from '../chat/logger.ts';
import { PartDown, readinessCheck } from './health.ts';
import { startHttp, type TestHttp } from './testing/http-server.ts';

let server: TestHttp;
beforeEach(async () => {
  server = await startHttp();
});
afterEach(() => server.close());

const signIn = async (organization: string, handle: string) => ({
  token: `${organization}/${handle}`,
  expiresAt: '2030-01-01T00:00:00.000Z',
});

/** A request as it is, with any Host: fetch would not send one. */
async function raw(path: string, headers: Record<string, string>): Promise<{ status: number; body: string }> {
  const sent = httpRequest({ port: server.port, host: '127.0.0.1', path, headers }).end();
  const [response] = await once(sent, 'response');
  let body = '';
  for await (const chunk of response) body += chunk;
  return { status: response.statusCode, body };
}

describe('addresses', () => {
  test('live, ready and metrics', async () => {
    expect(await (await fetch(`${server.origin}/health/live`)).json()).toEqual({
      status: 'live',
      parts: { process: { state: 'up' } },
    });
    expect((await fetch(`${server.origin}/health/ready`)).status).toBe(200);
    const metrics = await (await fetch(`${server.origin}/metrics`)).text();
    expect(metrics).toMatch(/backscroll_http_requests_total\{route="\/health\/live",status="200"\} 1/);
    expect(metrics).toContain('process_resident_memory_bytes');
  });

  test('a request that broke off before its answer is counted as no success', async () => {
    const socket = connect(server.port, '127.0.0.1');
    socket.write(
      'POST /graphql HTTP/1.1\r\nhost: here\r\ncontent-type: application/json\r\ncontent-length: 50\r\n\r\n{"query":',
    );
    // Its headers have come when another one's answer has.
    await fetch(`${server.origin}/health/live`);
    socket.destroy();
    const numbers = async () => (await fetch(`${server.origin}/metrics`)).text();
    await expect.poll(numbers).toContain('{route="/graphql",status="499"} 1');
    expect(await numbers()).not.toContain('{route="/graphql",status="200"}');
  });

  test('elsewhere nothing is, whatever is asked', async () => {
    for (const path of [
      '/nothing',
      '/graphql/../etc',
      '/auth/dev',
      '/graphql/graphiql/../x',
      '//',
      '/health',
    ]) {
      const { status, body } = await raw(path, {});
      expect({ path, status }).toEqual({ path, status: 404 });
      expect(JSON.parse(body).errors[0].extensions.code).toBe('NOT_FOUND');
    }
  });

  test('a browser that comes to the front door is led to GraphiQL', async () => {
    const response = await fetch(server.origin, { headers: { accept: 'text/html' }, redirect: 'manual' });
    expect(response.headers.get('location')).toBe('/graphql');
  });

  test('another protocol that is offered for the connection is passed over, as Java offers HTTP/2', async () => {
    const body = JSON.stringify({ query: '{ me }' });
    const socket = connect(server.port, '127.0.0.1');
    socket.end(
      `POST /graphql HTTP/1.1\r\nhost: here\r\ncontent-type: application/json\r\nauthorization: ada\r\ncontent-length: ${body.length}\r\nconnection: Upgrade, HTTP2-Settings, close\r\nupgrade: h2c\r\nhttp2-settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA\r\n\r\n${body}`,
    );
    expect(Buffer.concat(await socket.toArray()).toString()).toContain('{"data":{"me":"ada"}}');
  });

  test('WebSockets elsewhere than at /graphql are refused', async () => {
    const ws = new WebSocket(`ws://127.0.0.1:${server.port}/elsewhere`);
    const [error] = await once(ws, 'error');
    expect(String(error)).toContain('404');
  });
});

describe('readiness', () => {
  test('names each part with its state; a part that hangs is down', { timeout: 10_000 }, async () => {
    await server.close();
    const down = () => Promise.reject(new PartDown('not connected'));
    server = await startHttp({
      isReady: readinessCheck(
        [
          { part: 'database', check: async () => undefined },
          { part: 'messages', check: down },
          { part: 'bus', check: () => new Promise(() => undefined) },
        ],
        silentLogger,
      ),
    });
    const response = await fetch(`${server.origin}/health/ready`);
    expect(response.status).toBe(503);
    expect(await response.json()).toEqual({
      status: 'unready',
      parts: {
        database: { state: 'up' },
        messages: { state: 'down', problem: 'not connected' },
        bus: { state: 'down', problem: 'no answer in 2 s' },
      },
    });
  });

  test('degraded is 200: whoever balances keeps sending requests', async () => {
    await server.close();
    const down = () => Promise.reject(new PartDown('not connected'));
    server = await startHttp({
      isReady: readinessCheck(
        [
          { part: 'database', check: async () => undefined },
          { part: 'bus', isOptional: true, check: down },
        ],
        silentLogger,
      ),
    });
    const response = await fetch(`${server.origin}/health/ready`);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      status: 'degraded',
      parts: { database: { state: 'up' }, bus: { state: 'down', problem: 'not connected' } },
    });
  });

  test('what a driver says of a host inside is for the log alone, once and not for each who asks', async () => {
    const logged: string[] = [];
    const log = (fields: object, message: string) => void logged.push(message + inspect(fields));
    let problem: Error | null = new Error('connect ECONNREFUSED db-1.internal:5432');
    const check = readinessCheck(
      [{ part: 'database', check: () => (problem === null ? Promise.resolve() : Promise.reject(problem)) }],
      { ...silentLogger, warn: log, info: log },
    );
    const answers = JSON.stringify([await check(), await check()]);
    expect(answers).toContain('the log says why');
    expect(answers).not.toContain('internal');
    expect(logged).toEqual([expect.stringContaining('db-1.internal:5432')]);
    problem = null;
    expect(await check()).toMatchObject({ status: 'ready' });
    expect(logged).toEqual([expect.anything(), expect.stringContaining('is back')]);
  });

  test('probes at once share one round of questions', async () => {
    let asked = 0;
    const database = {
      part: 'database',
      check: async () => {
        asked += 1;
      },
    };
    const check = readinessCheck([database], silentLogger);
    await Promise.all([check(), check(), check()]);
    await check();
    expect(asked).toBe(2);
  });
});

describe('dev mode', () => {
  beforeEach(async () => {
    await server.close();
    server = await startHttp({ devSignIn: signIn, corsOrigins: 'loopback' });
  });

  test('answers this machine by any of its names', async () => {
    for (const host of [
      '127.0.0.1',
      `127.0.0.1:${server.port}`,
      'localhost:80',
      'LOCALHOST',
      '[::1]:4000',
      '127.1.2.3',
    ]) {
      expect({ host, ...(await raw('/health/live', { host })) }).toMatchObject({ host, status: 200 });
    }
  });

  test('refuses every other Host, on every address', async () => {
    for (const host of [
      'chat.example.com',
      'localhost.example.com',
      '10.0.0.1',
      '127.0.0.1.nip.io',
      'a@localhost',
    ]) {
      for (const path of ['/health/live', '/graphql?query={__typename}', '/metrics', '/graphql']) {
        const { status, body } = await raw(path, { host, accept: 'text/html' });
        expect({ host, path, status }).toEqual({
          host,
          path,
          status: 403,
        });
        expect(JSON.parse(body).errors[0].extensions.code).toBe('FORBIDDEN');
      }
    }
  });

  test('refuses what was forwarded, WebSockets too', async () => {
    for (const name of [
      'Forwarded',
      'X-Forwarded-For',
      'X-Forwarded-Host',
      'x-forwarded-anything',
      'X-Real-IP',
      'Via',
    ]) {
      expect({ name, ...(await raw('/health/live', { [name]: '127.0.0.1' })) }).toMatchObject({
        name,
        status: 403,
      });
      const ws = new WebSocket(`ws://127.0.0.1:${server.port}/graphql`, { headers: { [name]: '127.0.0.1' } });
      const [error] = await once(ws, 'error');
      expect(String(error)).toContain('403');
    }
  });

  const post = (body: string, headers: Record<string, string> = { 'content-type': 'application/json' }) =>
    fetch(`${server.origin}/auth/dev`, { method: 'POST', headers, body });

  test('POST /auth/dev gives a token', async () => {
    const response = await post('{"organization":"demo","handle":"ada"}');
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ token: 'demo/ada', expiresAt: '2030-01-01T00:00:00.000Z' });
  });

  test('POST /auth/dev refuses everything else with a code', async () => {
    const bad = ['', 'null', '[]', '{', '{"organization":"demo"}', '{"organization":"demo","handle":"Ada!"}'];
    for (const body of [
      ...bad,
      '{"organization":"../x","handle":"ada"}',
      `{"handle":"${'a'.repeat(41)}","organization":"demo"}`,
    ]) {
      const response = await post(body);
      expect({ body, status: response.status }).toEqual({ body, status: 400 });
      expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
    }
    expect((await post('x'.repeat(20_000))).status).toBe(413);
    expect(
      (await post('{"organization":"demo","handle":"ada"}', { 'content-type': 'text/plain' })).status,
    ).toBe(415);
    expect((await fetch(`${server.origin}/auth/dev`)).status).toBe(405);
  });
});

describe('pages of other origins', () => {
  const preflight = (origin: string) =>
    fetch(server.url, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization',
      },
    });
  const allowed = async (origin: string) =>
    (await preflight(origin)).headers.get('access-control-allow-origin');

  test('none may read answers unless named, exactly', async () => {
    expect(await allowed('https://chat.example.com')).toBeNull();
    await server.close();
    server = await startHttp({ corsOrigins: ['https://chat.example.com'] });
    expect(await allowed('https://chat.example.com')).toBe('https://chat.example.com');
    for (const origin of [
      'http://chat.example.com',
      'https://chat.example.com:444',
      'https://x.chat.example.com',
      'null',
    ]) {
      expect(await allowed(origin)).toBeNull();
    }
    const answer = await fetch(server.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: 'https://chat.example.com' },
      body: '{"query":"{ __typename }"}',
    });
    expect(answer.headers.get('access-control-allow-origin')).toBe('https://chat.example.com');
    expect(answer.headers.get('vary')).toContain('origin');
  });

  test('in dev mode those of this machine may', async () => {
    await server.close();
    server = await startHttp({ devSignIn: signIn, corsOrigins: 'loopback' });
    for (const origin of ['http://localhost:5173', 'http://127.0.0.1:3000', 'http://[::1]:8080']) {
      expect(await allowed(origin)).toBe(origin);
    }
    for (const origin of [
      'https://example.com',
      'http://localhost.example.com',
      'null',
      'http://localhost:80/',
    ]) {
      expect(await allowed(origin)).toBeNull();
    }
  });
});

describe('GraphiQL', () => {
  test('comes whole from here: page, script, style, workers', async () => {
    const page = await fetch(server.url, { headers: { accept: 'text/html,application/xhtml+xml' } });
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'self'");
    const html = await page.text();
    expect(html).not.toMatch(/(src|href)="(https?:)?\/\//);
    const paths = [...html.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map((match) => match[1]);
    expect(paths).toHaveLength(3);
    const workers = ['editor', 'json', 'graphql'].map((name) => `/graphql/graphiql/${name}.worker.js`);
    for (const path of [...paths, ...workers]) {
      const response = await fetch(`${server.origin}${path}`);
      expect({ path, status: response.status }).toEqual({ path, status: 200 });
      expect((await response.text()).length).toBeGreaterThan(500);
      const tag = response.headers.get('etag') ?? '';
      const again = await fetch(`${server.origin}${path}`, { headers: { 'if-none-match': tag } });
      expect(again.status).toBe(304);
    }
  });

  test.each([
    ['gzip, br', 'gzip'],
    ['identity', null],
    ['gzip;q=0', null],
    ['br', null],
  ])('is compressed only for who takes it: %s', async (accepted, encoding) => {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    // Not by fetch, which asks for compression and expands it by itself.
    const headers = { accept: 'text/html', 'accept-encoding': accepted };
    httpRequest(server.url, { headers }, resolve).on('error', reject).end();
    const response = await promise;
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    expect(response.headers['content-encoding'] ?? null).toBe(encoding);
    expect(response.headers.vary).toContain('accept-encoding');
    expect(String(encoding === null ? body : gunzipSync(body))).toMatch(/^<!doctype html>/);
  });
});
