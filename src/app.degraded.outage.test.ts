/** A whole server that loses its Redis: it says so, serves on, and says when all is well again. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type App, startApp } from './app.ts';
import { silentLogger } from './chat/logger.ts';
import { readConfig } from './config/config.ts';
import { isRedisInstalled, type OwnRedis, ownRedis } from './realtime/testing/own-redis.ts';

describe.skipIf(!isRedisInstalled())('without its Redis', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'backscroll-degraded-'));
  let redis: OwnRedis;
  let app: App;
  beforeAll(async () => {
    redis = await ownRedis();
    await redis.start();
    const config = readConfig({ DATA_DIR: dataDir, PORT: '0' });
    // No operator may have it so: a Redis is for several replicas, which embedded stores are not.
    const stores = { ...config.stores, redis: { url: redis.url } };
    app = await startApp({ ...config, stores }, silentLogger);
  }, 120_000);
  afterAll(async () => {
    await app?.close();
    await redis?.stop();
    rmSync(dataDir, { recursive: true });
  });

  const health = async () => {
    const response = await fetch(`${app.url}/health/ready`);
    return { status: response.status, body: await response.json() };
  };
  const metric = async (name: string): Promise<number> => {
    const text = await (await fetch(`${app.url}/metrics`)).text();
    return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
  };
  const becomes = (status: string) =>
    vi.waitFor(async () => expect(await health()).toMatchObject({ status: 200, body: { status } }), 20_000);

  test('degraded, not unready, and sends are saved', async () => {
    await becomes('ready');
    expect(await metric('backscroll_bus_up')).toBe(1);
    await redis.stop();
    await becomes('degraded');
    expect(await health()).toMatchObject({
      body: { parts: { bus: { state: 'down' }, database: { state: 'up' }, messages: { state: 'up' } } },
    });
    expect(await metric('backscroll_bus_up')).toBe(0);
    const post = async (path: string, body: object, token = ''): Promise<object> => {
      const headers = { 'content-type': 'application/json', authorization: token };
      return (
        await fetch(app.url + path, { method: 'POST', headers, body: JSON.stringify(body) })
      ).json() as Promise<object>;
    };
    const { token } = (await post('/auth/dev', { organization: 'demo', handle: 'ada' })) as { token: string };
    const saved = await metric('backscroll_sends_total');
    const { data } = (await post('/graphql', { query: '{ channel(handle: "general") { id } }' }, token)) as {
      data: { channel: { id: string } };
    };
    const query = 'mutation ($i: SendMessageInput!) { sendMessage(input: $i) { message { seq } } }';
    const variables = { i: { channelId: data.channel.id, text: 'without Redis' } };
    expect(await post('/graphql', { query, variables }, token)).toMatchObject({
      data: { sendMessage: { message: { seq: expect.any(Number) } } },
    });
    expect(await metric('backscroll_sends_total')).toBe(saved + 1);
    expect(await metric('backscroll_redis_call_failures_total\\{call="publish"\\}')).toBeGreaterThan(0);
    await redis.start();
    await becomes('ready');
  });
});
