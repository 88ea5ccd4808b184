/** The whole program on its embedded stores, as `npm start` runs it. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { auditServer } from 'graphql-http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listen } from './app/listen.ts';
import { person } from './app/testing/person.ts';
import { type App, startApp } from './app.ts';
import { silentLogger } from './chat/logger.ts';
import { readConfig } from './config/config.ts';
import { TestClient } from './edge/testing/edge-server.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'backscroll-app-'));
});
afterAll(() => rm(folder, { recursive: true }));

const settings = (more: Record<string, string> = {}) => readConfig({ DATA_DIR: folder, PORT: '0', ...more });

async function signIn({ url }: App, handle: string, organization = 'demo'): Promise<string> {
  const response = await fetch(`${url}/auth/dev`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ organization, handle }),
  });
  return ((await response.json()) as { token: string }).token;
}

const ask = <Data>(app: App, token: string, query: string, variables?: object): Promise<Data> =>
  person(app, token).ask(query, variables);

const general = async (app: App, token: string) =>
  (
    await ask<{ channel: { id: string; head: number } }>(
      app,
      token,
      '{ channel(handle: "general") { id head } }',
    )
  ).channel;

describe('on embedded stores', () => {
  let app: App;
  let ada: string;
  beforeAll(async () => {
    app = await startApp(settings(), silentLogger);
    ada = await signIn(app, 'ada');
  }, 120_000);
  afterAll(() => app.close());

  test('the demo is there: people, channels, a private one, a direct conversation, messages', async () => {
    const sidebar = async (token: string) => {
      const { viewer } = await ask<{
        viewer: {
          user: { name: string };
          memberships: { edges: { node: { title: string; unreadCount: number } }[] };
        };
      }>(app, token, '{ viewer { user { name } memberships { edges { node { title unreadCount } } } } }');
      return {
        name: viewer.user.name,
        titles: viewer.memberships.edges.map(({ node }) => node.title).sort(),
      };
    };
    expect(await sidebar(ada)).toEqual({
      name: 'Ada Lovelace',
      titles: ['General', 'Grace Hopper', 'Launch party', 'Random'],
    });
    expect(await sidebar(await signIn(app, 'alan'))).toEqual({ name: 'Alan Turing', titles: ['General'] });
    expect((await general(app, ada)).head).toBeGreaterThanOrEqual(6);
  });

  test('what one sends over HTTP, the other hears over WebSocket', async () => {
    const { id } = await general(app, ada);
    const grace = await TestClient.open(`${app.url.replace('http', 'ws')}/graphql`, {
      authorization: await signIn(app, 'grace'),
    });
    grace.subscribe(
      's',
      `subscription { channelEvents(channelId: "${id}") { __typename ... on MessagePosted { message { text author { handle } } } } }`,
    );
    await grace.expect('next', 's');
    await ask(
      app,
      ada,
      'mutation($input: SendMessageInput!) { sendMessage(input: $input) { message { seq } } }',
      {
        input: { channelId: id, text: 'over the wire' },
      },
    );
    const heard = () => grace.heard.map((message) => JSON.stringify(message.payload));
    await expect.poll(heard).toContainEqual(expect.stringContaining('over the wire'));
    expect(heard().find((text) => text?.includes('over the wire'))).toContain('"handle":"ada"');
    grace.ws.close();
  });

  test('organizations never meet: a new one begins empty', async () => {
    const token = await signIn(app, 'ada', 'elsewhere');
    expect(
      await ask(app, token, '{ channel(handle: "general") { id } users { edges { node { handle } } } }'),
    ).toEqual({
      channel: null,
      users: { edges: [{ node: { handle: 'ada' } }] },
    });
  });

  test("graphql-http's audit has no failing MUST or SHOULD with the real schema", async () => {
    const results = await auditServer({ url: `${app.url}/graphql` });
    const failing = results.filter((r) => r.status !== 'ok' && /^(MUST|SHOULD)/.test(r.name));
    expect(failing.map(({ name }) => name)).toEqual([]);
  });

  test('it is ready, and names its parts', async () => {
    const response = await fetch(`${app.url}/health/ready`);
    expect(await response.json()).toEqual({
      status: 'ready',
      parts: { database: { state: 'up' }, messages: { state: 'up' }, bus: { state: 'up' } },
    });
  });

  test('a second one on the same folder is refused, with who has it', async () => {
    await expect(startApp(settings(), silentLogger)).rejects.toThrow(`in use by process ${process.pid}`);
  });

  test('a restart says 1012, and then everything is as it was: messages, people, tokens', {
    timeout: 60_000,
  }, async () => {
    const client = await TestClient.open(`${app.url.replace('http', 'ws')}/graphql`, { authorization: ada });
    client.subscribe('s', 'subscription { events { __typename } }');
    await client.expect('next', 's');
    const before = await general(app, ada);
    await app.close();
    expect(await client.closed).toEqual({ code: 1012, reason: 'restarting' });
    await app.close();
    app = await startApp(settings(), silentLogger);
    expect(await general(app, ada)).toEqual(before);
  });
});

describe('what it refuses', () => {
  test('a port that is taken, with one to try; the folder is free again afterwards', async () => {
    const other = createServer();
    const port = await listen(other, '127.0.0.1', 0);
    const taken = settings({ PORT: String(port) });
    for (const _ of [1, 2]) {
      await expect(startApp(taken, silentLogger)).rejects.toThrow(
        /^Port \d+ of 127\.0\.0\.1 is taken\. Try another: PORT=\d+$/,
      );
    }
    other.close();
  });

  test('a host that is not this machine', async () => {
    const config = settings({ AUTH_MODE: 'jwt', JWT_SECRET: 'x'.repeat(32), HOST: '192.0.2.1' });
    await expect(startApp(config, silentLogger)).rejects.toThrow('no address of this machine');
  });

  test.each([
    ['Postgres', { DATABASE_URL: 'postgres://backscroll:hush@127.0.0.1:1/chat' }],
    ['Cassandra', { CASSANDRA_URL: 'cassandra://u:hush@127.0.0.1:1/chat?dc=dc1&rf=1' }],
  ])('a %s that does not come, after waiting with a message', { timeout: 60_000 }, async (name, env) => {
    const said: string[] = [];
    const config = settings({ ...env, JWT_SECRET: 'x'.repeat(32) });
    const options = { waitMs: 2_500, onWaiting: (message: string) => void said.push(message) };
    const error = await startApp(config, silentLogger, options).catch((e: unknown) => e);
    expect(String(error)).toMatch(new RegExp(`Could not reach ${name} at 127\\.0\\.0\\.1.*within`));
    expect(said).toEqual([
      expect.stringMatching(new RegExp(`^Waiting up to .* for ${name} at 127\\.0\\.0\\.1`)),
    ]);
    expect(`${error}${said}`).not.toContain('hush');
  });
});

test('a process that closed it has nothing left that keeps it', { timeout: 120_000 }, async () => {
  const script = `
    import { startApp } from ${JSON.stringify(new URL('./app.ts', import.meta.url).href)};
    import { readConfig } from ${JSON.stringify(new URL('./config/config.ts', import.meta.url).href)};
    const quiet = { debug() {}, info() {}, warn() {}, error() {} };
    const app = await startApp(readConfig({ DATA_DIR: ${JSON.stringify(folder)}, PORT: '0' }), quiet);
    const ws = new WebSocket(app.url.replace('http', 'ws') + '/graphql', 'graphql-transport-ws');
    await new Promise((resolve) => ws.addEventListener('open', resolve));
    await fetch(app.url + '/health/ready');
    const closed = new Promise((resolve) => ws.addEventListener('close', ({ code }) => resolve(code)));
    await app.close();
    console.log('closed', await closed);
  `;
  const file = join(folder, 'start-and-close.mjs');
  await writeFile(file, script);
  const node = promisify(execFile)(process.execPath, [file], { timeout: 60_000 });
  expect((await node).stdout.trim()).toBe('closed 1012');
});
