/** Spans as a collector gets them, which are traced, and that one which is away does no harm. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { silentLogger } from '../chat/logger.ts';
import type { TraceConfig } from '../config/settings.ts';
import { openTracing } from './open-telemetry.ts';

interface Received {
  readonly url: string | undefined;
  readonly type: string | undefined;
  readonly key: string | string[] | undefined;
  readonly body: Buffer;
}

let collector: Server;
let received: Received[];
beforeEach(async () => {
  received = [];
  collector = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { 'content-type': type, 'x-key': key } = request.headers;
      received.push({ url: request.url, type, key, body: Buffer.concat(chunks) });
      response.end();
    });
  }).listen(0, '127.0.0.1');
  await once(collector, 'listening');
  const address = collector.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', `http://127.0.0.1:${port}`);
  vi.stubEnv('OTEL_EXPORTER_OTLP_HEADERS', 'x-key=secret');
  vi.stubEnv('OTEL_SERVICE_NAME', 'chat-of-ours');
});
afterEach(() => {
  vi.unstubAllEnvs();
  collector.close();
  collector.closeAllConnections();
});

const all: TraceConfig = { protocol: 'http/protobuf', share: 1, followsCaller: true };
const open = (config: TraceConfig, logger = silentLogger) => openTracing(config, { replicaId: 'r1', logger });

test('protobuf unless asked otherwise, with the headers and the name that the environment gives', async () => {
  const tracing = await open(all);
  const span = tracing.begin('a span', 'server', { one: 1 }, null);
  await tracing.within(span, async () => tracing.begin('one below', 'client', {}).end('UNAVAILABLE'));
  span.end();
  await tracing.close();
  expect(received).toMatchObject([{ url: '/v1/traces', type: 'application/x-protobuf', key: 'secret' }]);
  for (const part of ['a span', 'one below', 'UNAVAILABLE', 'chat-of-ours', 'r1']) {
    expect(received[0]?.body.includes(part)).toBe(true);
  }
});

test('spans lie below what is current, across what is waited for, and below their caller', async () => {
  const tracing = await open({ ...all, protocol: 'http/json' });
  const caller = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
  const outer = tracing.begin('outer', 'server', {}, caller);
  await tracing.within(outer, async () => {
    await new Promise((resolve) => setImmediate(resolve));
    tracing.begin('inner', 'client', {}).end();
    tracing.begin('alone', 'server', {}, null).end();
    tracing.begin('odd', 'server', {}, `00-${'0'.repeat(32)}-x`).end();
  });
  outer.end();
  await tracing.close();
  const { resourceSpans } = JSON.parse(String(received[0]?.body));
  const spans: { name: string; traceId: string; spanId: string; parentSpanId?: string }[] =
    resourceSpans[0].scopeSpans[0].spans;
  const named = (name: string) => spans.find((span) => span.name === name);
  expect(named('outer')).toMatchObject({ traceId: 'a'.repeat(32), parentSpanId: 'b'.repeat(16) });
  expect(named('inner')?.parentSpanId).toBe(named('outer')?.spanId);
  for (const name of ['alone', 'odd']) expect(named(name)?.parentSpanId).toBeUndefined();
});

test('the share of requests that begin here, and the word of the caller where it counts', async () => {
  const sampled = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
  const traced = async (config: Partial<TraceConfig>, traceparent: string | null) => {
    received = [];
    const tracing = await open({ ...all, ...config });
    tracing.begin('one', 'server', {}, traceparent).end();
    await tracing.close();
    return received.length;
  };
  expect(await traced({ share: 0 }, null)).toBe(0);
  expect(await traced({ share: 0 }, sampled)).toBe(1);
  expect(await traced({ share: 0, followsCaller: false }, sampled)).toBe(0);
  expect(await traced({ share: 1 }, `${sampled.slice(0, -2)}00`)).toBe(0);
});

test('a collector that is away is told of in the log, and a stop waits for it a little while only', async () => {
  collector.close();
  collector.closeAllConnections();
  // Nothing listens on this port.
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', 'http://127.0.0.1:1');
  const warn = vi.fn();
  const tracing = await open(all, { ...silentLogger, warn });
  tracing.begin('one', 'server', {}, null).end();
  await tracing.close();
  // Once, however often it was tried.
  expect(warn.mock.calls).toEqual([[{ problem: expect.any(String) }, 'Traces may not have been sent.']]);
  expect(JSON.stringify(warn.mock.calls)).not.toContain('secret');
}, 20_000);
