/**
 * What an operator sees of a whole server: every number explained, and nothing in its log, its numbers or its traces of
 * what people write or sign in with, while all kinds of operations succeed, fail and are refused.
 */
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { listen } from './app/listen.ts';
import { type App, startApp } from './app.ts';
import { systemClock } from './chat/clock.ts';
import { silentLogger } from './chat/logger.ts';
import { createLogger } from './cli/logger.ts';
import { readConfig } from './config/config.ts';
import { TestClient } from './edge/testing/edge-server.ts';
import { createInProcessBus } from './realtime/in-process/bus.ts';
import { createInProcessStore } from './realtime/in-process/ephemeral-store.ts';
import { measuredRedis } from './telemetry/bus.ts';
import { Meters } from './telemetry/meters.ts';

/** In whatever is written by somebody, and in nothing else. */
const PLANTED = 'zq7planted';

interface OtlpSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
}

let folder: string;
let fd: number;
let collector: Server;
let received = '';
const spans: OtlpSpan[] = [];
let app: App;
let token: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'backscroll-telemetry-'));
  fd = openSync(join(folder, 'log'), 'a');
  collector = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      received += body;
      const { resourceSpans } = JSON.parse(body) as {
        resourceSpans: { scopeSpans: { spans: OtlpSpan[] }[] }[];
      };
      spans.push(...resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)));
      response.setHeader('content-type', 'application/json').end('{}');
    });
  });
  const collectorPort = await listen(collector, '127.0.0.1', 0);
  // The exporter takes its address from the environment by itself.
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', `http://127.0.0.1:${collectorPort}`);
  const config = readConfig({
    DATA_DIR: join(folder, 'data'),
    PORT: '0',
    LOG_LEVEL: 'trace',
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${collectorPort}`,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
  });
  const terminal = { isTTY: false, fd } as unknown as typeof process.stderr;
  app = await startApp(config, createLogger(config.log.level, terminal));
  const answer = await fetch(`${app.url}/auth/dev`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ organization: 'demo', handle: 'ada' }),
  });
  ({ token } = (await answer.json()) as { token: string });
}, 120_000);

afterAll(async () => {
  await app?.close();
  vi.unstubAllEnvs();
  collector?.close();
  collector?.closeAllConnections();
  closeSync(fd);
  rmSync(folder, { recursive: true });
});

const logged = (): string => readFileSync(join(folder, 'log'), 'utf8');
const metrics = async (): Promise<string> => (await fetch(`${app.url}/metrics`)).text();

async function ask<Data>(query: string, variables: object = {}, headers: object = {}): Promise<Data | null> {
  const response = await fetch(`${app.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, ...headers },
    body: JSON.stringify({ query, variables }),
  });
  return ((await response.json()) as { data?: Data | null }).data ?? null;
}

const SEND = `mutation SendIt($input: SendMessageInput!) {
  sendMessage(input: $input) { message { id seq } }
}`;
const send = async (channelId: string, text: string): Promise<string> => {
  const sent = await ask<{ sendMessage: { message: { id: string } } }>(SEND, {
    input: { channelId, text, metadata: { note: text } },
  });
  return sent?.sendMessage.message.id ?? '';
};

describe('every number is explained in docs/operating.md, and every number there is told', () => {
  const page = readFileSync(new URL('../docs/operating.md', import.meta.url), 'utf8');
  const documented = new Set(
    [...page.matchAll(/`((?:backscroll|process|nodejs)_[a-z0-9_]+)[`{]/g)].map(([, name = '']) => name),
  );
  const namesIn = (text: string): string[] =>
    [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name = '']) => name);

  test('on Linux, where the process tells most of itself', {
    skip: process.platform !== 'linux',
  }, async () => {
    // Those of Redis are there with a Redis alone.
    const meters = new Meters();
    const bus = createInProcessBus(silentLogger);
    const ephemeral = createInProcessStore({ clock: systemClock });
    measuredRedis({ meters, tracing: null }, { bus, ephemeral });
    await Promise.all([bus.close(), ephemeral.close()]);
    const told = new Set([...namesIn(await metrics()), ...namesIn(meters.text())]);
    expect(told.size).toBeGreaterThan(40);
    expect([...told].filter((name) => !documented.has(name))).toEqual([]);
    expect([...documented].filter((name) => !told.has(name))).toEqual([]);
  });
});

test('nothing that people write or sign in with is in the log, the numbers or the traces', async () => {
  const made = await ask<{ createChannel: { channel: { id: string } } }>(
    `mutation { createChannel(input: { name: "${PLANTED} name", topic: "${PLANTED} topic" }) { channel { id } } }`,
  );
  const channelId = made?.createChannel.channel.id ?? '';
  const messageId = await send(channelId, `${PLANTED} text @bob`);
  const act = (mutation: string, input: object, answer: string) =>
    ask(`mutation ($input: ${mutation}!) { ${answer} }`, { input });
  await act(
    'EditMessageInput',
    { messageId, text: `${PLANTED} edited` },
    'editMessage(input: $input) { message { id } }',
  );
  await act('ReactionInput', { messageId, emoji: '👍' }, 'addReaction(input: $input) { message { id } }');
  await act('ReactionInput', { messageId, emoji: PLANTED }, 'addReaction(input: $input) { message { id } }');
  await act(
    'SendSignalInput',
    { channelId, name: PLANTED, key: PLANTED, payload: { at: PLANTED } },
    'sendSignal(input: $input) { accepted }',
  );
  await act('UpdateProfileInput', { name: `${PLANTED} me` }, 'updateProfile(input: $input) { user { id } }');
  await act(
    'RenewSessionInput',
    { token: `${PLANTED}.${token}` },
    'renewSession(input: $input) { expiresAt }',
  );
  await act('MessageInput', { messageId }, 'deleteMessage(input: $input) { message { id } }');
  // What cannot work: as a value, in a document, as an id, as a token, as a header, as no JSON, at no address.
  await ask(SEND, { input: { channelId: PLANTED, text: PLANTED } });
  await ask(SEND, { input: { channelId, text: { not: PLANTED } } });
  await ask(SEND, { input: { channelId, text: `${PLANTED}${'x'.repeat(20_000)}` } });
  await ask(`{ channel(handle: "${PLANTED}") { ${PLANTED} } }`);
  await ask(`{ channels(search: "${PLANTED}", after: "${PLANTED}") { edges { node { id } } } }`);
  await ask(`{ viewer { user { id } } } # ${PLANTED} "`);
  await ask('{ viewer { user { id } } }', {}, { authorization: `Bearer ${PLANTED}` });
  await ask('{ viewer { user { id } } }', {}, { 'x-request-id': `"${PLANTED}" "`, cookie: PLANTED });
  await fetch(`${app.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: `{"query": "${PLANTED}`,
  });
  await fetch(`${app.url}/${PLANTED}?${PLANTED}=${PLANTED}`);
  await fetch(`${app.url}/graphql?query={${PLANTED}}&token=${PLANTED}`, {
    headers: { accept: 'application/json' },
  });
  await fetch(`${app.url}/auth/dev`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ organization: `${PLANTED} no slug`, handle: PLANTED }),
  });

  const client = await TestClient.open(`${app.url.replace('http', 'ws')}/graphql`, { authorization: token });
  client.subscribe('live', 'subscription Live { events { __typename } }');
  await client.expect('next', 'live');
  client.subscribe('send', SEND, {
    variables: { input: { channelId, text: `${PLANTED} over the socket` } },
    extensions: { headers: { 'X-Request-Id': 'socket-1' } },
  });
  await client.expect('next', 'send');
  client.subscribe('bad', `{ ${PLANTED} }`);
  await client.expect('error', 'bad');
  client.send({ id: 'odd', type: 'subscribe', payload: { query: 5, text: PLANTED } });
  await client.expect('error', 'odd');
  const stranger = await TestClient.knock(`${app.url.replace('http', 'ws')}/graphql`, {
    authorization: `${PLANTED}.${token}`,
  });
  await stranger.closed;
  client.send(`{"type":"${PLANTED}"}`);
  await client.closed;

  const numbers = await metrics();
  await vi.waitFor(
    () => expect(spans.filter(({ name }) => name === 'mutation SendIt').length).toBe(5),
    10_000,
  );
  await vi.waitFor(() => expect(logged()).toMatch(/"requestId":"socket-1",.*"operation":"SendIt"/));
  // Of one that its client gave no id: which connection it came over, and from where.
  expect(logged()).toMatch(
    /"requestId":"[0-9a-f-]{36}\/live","address":"127\.0\.0\.1","operation":"Live","type":"subscription"/,
  );
  for (const place of [logged(), numbers, received]) {
    expect(place.length).toBeGreaterThan(5_000);
    expect(place).not.toContain(PLANTED);
    expect(place).not.toContain(token);
    expect(place).not.toContain(token.slice(token.lastIndexOf('.') + 1));
  }
  // And all the same it says what went on.
  expect(numbers).toMatch(/^backscroll_sends_total [1-9]/m);
  expect(numbers).toMatch(/^backscroll_deliveries_total [1-9]/m);
  expect(numbers).toMatch(/^backscroll_websocket_closes_total\{reason="unauthorized"\} 1$/m);
  expect(numbers).toMatch(
    /^backscroll_operations_total\{type="mutation",transport="websocket",code="OK"\} 1$/m,
  );
  expect(numbers).toMatch(
    /^backscroll_operations_total\{type="unknown",transport="http",code="UNAUTHENTICATED"\} 1$/m,
  );
});

test('a request is one line and one trace, by the id and the trace that its client gave', async () => {
  const traceId = '0123456789abcdef0123456789abcdef';
  const response = await fetch(`${app.url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${token}`,
      'x-request-id': 'mine-1',
      traceparent: `00-${traceId}-00f067aa0ba902b7-01`,
    },
    body: JSON.stringify({ query: 'query Mine { channels(first: 1) { edges { node { name } } } }' }),
  });
  expect(response.headers.get('x-request-id')).toBe('mine-1');
  const ofTrace = () => spans.filter((span) => span.traceId === traceId);
  await vi.waitFor(() => expect(ofTrace().length).toBeGreaterThanOrEqual(3), 10_000);
  const named = (name: string) => ofTrace().find((span) => span.name === name);
  expect(named('POST /graphql')?.parentSpanId).toBe('00f067aa0ba902b7');
  expect(named('query Mine')?.parentSpanId).toBe(named('POST /graphql')?.spanId);
  const stores = ofTrace().filter(({ name }) => name === 'database');
  expect(stores.map((span) => span.parentSpanId)).toContain(named('query Mine')?.spanId);
  const lines = logged()
    .split('\n')
    .filter((line) => line.includes('mine-1'))
    .map((line) => JSON.parse(line) as object);
  expect(lines).toEqual([
    {
      level: 30,
      time: expect.any(Number),
      requestId: 'mine-1',
      operation: 'Mine',
      type: 'query',
      organization: 'demo',
      address: '127.0.0.1',
      transport: 'http',
      ms: expect.any(Number),
      code: 'OK',
      msg: 'operation',
    },
  ]);
});
