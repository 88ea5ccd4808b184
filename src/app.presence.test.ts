/** Presence, typing and signals through the whole program: two people at its WebSockets. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type App, startApp } from './app.ts';
import { silentLogger } from './chat/logger.ts';
import { readConfig } from './config/config.ts';
import { TestClient } from './edge/testing/edge-server.ts';

let folder: string;
let app: App;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'backscroll-presence-'));
  app = await startApp(readConfig({ DATA_DIR: folder, PORT: '0' }), silentLogger);
}, 120_000);
afterAll(async () => {
  await app.close();
  await rm(folder, { recursive: true });
});

async function signIn(handle: string): Promise<string> {
  const response = await fetch(`${app.url}/auth/dev`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ organization: 'demo', handle }),
  });
  return ((await response.json()) as { token: string }).token;
}
const connect = (token: string): Promise<TestClient> =>
  TestClient.open(`${app.url.replace('http', 'ws')}/graphql`, { authorization: token });

async function ask<Data>(token: string, query: string): Promise<Data> {
  const response = await fetch(`${app.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query }),
  });
  return ((await response.json()) as { data: Data }).data;
}

interface Told {
  readonly user?: { readonly handle: string };
  readonly presence?: string;
  readonly __typename?: string;
  readonly name?: string;
}

const told = ({ heard }: TestClient, id: string): readonly (Told | undefined)[] =>
  heard.flatMap((message) => {
    if (message.type !== 'next' || message.id !== id) return [];
    const { data } = message.payload as { data: Readonly<Record<string, Told>> };
    return [Object.values(data)[0]];
  });
const until = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 10_000, interval: 10 });

test('who comes, goes away, hides; who types and signals; what was kept for whoever comes later', async () => {
  const [ada, grace] = [await signIn('ada'), await signIn('grace')];
  const { user, channel } = await ask<{ user: { id: string }; channel: { id: string } }>(
    ada,
    '{ user(handle: "grace") { id } channel(handle: "general") { id } }',
  );
  const watching = await connect(ada);
  watching.subscribe('p', `subscription { presence(userIds: ["${user.id}"]) { user { handle } presence } }`);
  watching.subscribe(
    'e',
    `subscription { events { __typename ... on TypingStarted { user { handle } } ... on SignalSent { name } } }`,
  );
  const states = () => told(watching, 'p').map((one) => one?.presence);
  await until(() => expect(states()).toEqual(['OFFLINE']));

  const device = await connect(grace);
  await until(() => expect(states()).toEqual(['OFFLINE', 'ACTIVE']));
  device.subscribe('s', 'mutation { setPresence(input: { presence: AWAY }) { accepted } }');
  await until(() => expect(states().at(-1)).toBe('AWAY'));
  const { node } = await ask<{ node: { presence: string } }>(
    ada,
    `{ node(id: "${user.id}") { ... on User { presence } } }`,
  );
  expect(node.presence).toBe('AWAY');
  expect(await ask(grace, 'mutation { setPresence(input: { presence: OFFLINE }) { accepted } }')).toEqual({
    setPresence: { accepted: true },
  });
  await until(() => expect(states().at(-1)).toBe('OFFLINE'));

  device.subscribe('own', 'subscription { events { __typename ... on SignalSent { name } } }');
  await until(() => expect(told(device, 'own').map((one) => one?.__typename)).toContain('CaughtUp'));
  await ask(grace, `mutation { startTyping(input: { channelId: "${channel.id}" }) { accepted } }`);
  const signal = `channelId: "${channel.id}", name: "hearts", payload: { n: 3 }, retain: true`;
  await ask(grace, `mutation { sendSignal(input: { ${signal} }) { accepted } }`);
  for (const [client, id, hears] of [
    [watching, 'e', ['TypingStarted', 'SignalSent']],
    [device, 'own', ['SignalSent']],
  ] as const) {
    const types = () => told(client, id).map((one) => one?.__typename ?? '');
    await until(() => expect(types()).toContain('SignalSent'));
    expect(types().filter((type) => type === 'TypingStarted' || type === 'SignalSent')).toEqual(hears);
  }
  const late = await connect(ada);
  late.subscribe(
    'l',
    `subscription { channelEvents(channelId: "${channel.id}") { __typename ... on SignalSent { name } } }`,
  );
  await until(() => expect(told(late, 'l')).toContainEqual({ __typename: 'SignalSent', name: 'hearts' }));
  for (const client of [watching, device, late]) client.ws.close();
});
