/** Runs the example against a server of its own: what compiles against the schema also works. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer, connect as dial, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from 'graphql-ws';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type App, startApp } from '../../src/app.ts';
import { silentLogger } from '../../src/chat/logger.ts';
import { readConfig } from '../../src/config/config.ts';
import { discuss } from './discuss.ts';
import { follow } from './follow.ts';
import { request } from './http.ts';
import { connect } from './live.ts';
import { Join, NewestMessages, Send, WhereAmI } from './operations.ts';
import { signIn } from './sign-in.ts';
import { talk } from './talk.ts';

let dataDir: string;
let app: App;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'backscroll-example-'));
  app = await startApp(readConfig({ DATA_DIR: dataDir, PORT: '0' }), silentLogger);
});
afterAll(async () => {
  await app?.close();
  await rm(dataDir, { recursive: true });
});

/** Between the client and the server: may be cut, and may fall silent. */
async function lineTo(url: string) {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = dial(Number(new URL(url).port), '127.0.0.1');
    for (const socket of [near, far]) {
      sockets.add(socket.on('error', () => undefined).on('close', () => void sockets.delete(socket)));
    }
    near.pipe(far).pipe(near);
  });
  const listen = (port: number) =>
    new Promise<void>((done) => void server.listen(port, '127.0.0.1', () => done()));
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const cut = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `http://127.0.0.1:${port}`,
    cut,
    mend: () => listen(port),
    /** Nothing comes through any more, and neither end is told. */
    silence: () => {
      for (const socket of sockets) socket.unpipe().pause();
    },
  };
}

test('a query, a subscription and a mutation, typed from end to end', async () => {
  const [ada, grace] = await Promise.all([signIn(app.url, 'demo', 'ada'), signIn(app.url, 'demo', 'grace')]);
  const said: string[] = [];
  const heard = await talk(ada, grace, 'Hello, Grace', (line) => void said.push(line));
  expect(heard).toMatchObject({ text: 'Hello, Grace', author: { handle: 'ada' } });
  expect(said.at(0)).toMatch(/^ada of demo speaks in #/);
  expect(said.at(-1)).toBe(`sent as message ${heard.seq}; the repeat is a duplicate: true`);
});

test('an edit, a reaction and a reply are heard of, and asked for after an absence', async () => {
  const [ada, grace] = await Promise.all([signIn(app.url, 'demo', 'ada'), signIn(app.url, 'demo', 'grace')]);
  const said: string[] = [];
  const told = await discuss(ada, grace, (text) => void said.push(text));
  const shown = /^\d+ ada: Shall we meet at nine\? \[edited, 👍 1, 1 reply\]$/;
  expect(said[0]).toBe('the thread of "Shall we meet at nine?" has 1 message');
  expect(said.at(-1)).toMatch(shown);
  expect(told).toHaveLength(1);
  expect(told[0]?.replace('SEVERAL ', '')).toMatch(shown);
});

test('what the server refuses comes with its code', async () => {
  const nobody = { url: app.url, token: 'none' };
  await expect(request(nobody, WhereAmI, {})).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
});

test('who follows hears all once and in order: line cut, nobody there, line fallen silent, reader late', async () => {
  const [ada, grace] = await Promise.all([signIn(app.url, 'demo', 'ada'), signIn(app.url, 'demo', 'grace')]);
  const channelId = (await request(ada, WhereAmI, {})).channels.edges[0]?.node.id ?? '';
  await request(ada, Join, { channelId });
  const say = (text: string) =>
    request(ada, Send, { channelId, text, clientMessageId: randomUUID(), basis: 0 });
  const after = (await request(grace, NewestMessages, { channelId })).channel?.messages?.position ?? '';

  const line = await lineTo(app.url);
  const live = connect({ ...grace, url: line.url }, { pauseMs: 20, keepAliveMs: 150 });
  const refusals: unknown[] = [];
  const received: string[] = [];
  const connections: unknown[] = [];
  live.on('error', (error) => void refusals.push(error));
  live.on('message', (message) => void received.push(JSON.stringify(message)));
  live.on('connected', (socket) => void connections.push(socket));
  const heard: string[] = [];
  const reading = Promise.withResolvers<void>();
  const following = (async () => {
    for await (const event of follow(live, channelId, after)) {
      if (event.__typename !== 'MessagePosted') continue;
      heard.push(event.message.text);
      if (event.message.text === 'the end') return;
      await reading.promise;
    }
  })();

  await say('one');
  await vi.waitFor(() => expect(heard).toEqual(['one']), 5_000);
  await say('two');
  await vi.waitFor(() => expect(received.join()).toContain('"two"'), 5_000);
  line.cut();
  await say('three');
  await vi.waitFor(() => expect(refusals.length).toBeGreaterThan(1), 5_000);
  await line.mend();
  await vi.waitFor(() => expect(received.join()).toContain('"three"'), 5_000);
  reading.resolve();
  await vi.waitFor(() => expect(heard).toEqual(['one', 'two', 'three']), 5_000);
  const before = connections.length;
  line.silence();
  await vi.waitFor(() => expect(connections.length).toBeGreaterThan(before), 5_000);
  await say('the end');
  await following;
  expect(heard).toEqual(['one', 'two', 'three', 'the end']);
  line.cut();
});

test('a subscription that is refused for now is asked for again, one that is refused for good is not', async () => {
  const asked: unknown[] = [];
  const refusals = [
    [{ extensions: { retryable: true, retryAfterMs: 0 } }],
    [{ extensions: { code: 'NOT_FOUND' } }],
  ];
  const client: Pick<Client, 'subscribe'> = {
    subscribe: ({ variables }, sink) => {
      asked.push({ ...variables });
      const given = { channelEvents: { __typename: 'CaughtUp', cursor: `c${asked.length}` } };
      sink.next({ data: given as never });
      sink.error(refusals[asked.length - 1]);
      return () => undefined;
    },
  };
  const events: unknown[] = [];
  const all = (async () => {
    for await (const event of follow(client, 'channel', 'c0', 1)) events.push(event.cursor);
  })();
  await expect(all).rejects.toEqual(refusals[1]);
  expect(events).toEqual(['c1', 'c2']);
  expect(asked).toEqual([
    { channelId: 'channel', after: 'c0' },
    { channelId: 'channel', after: 'c1' },
  ]);
});
