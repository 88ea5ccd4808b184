/** A session from its token to its end, on the whole program: told in time, renewed over both transports, closed. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type App, startApp } from '../app.ts';
import { loadDevKey } from '../auth/dev-key.ts';
import { signDevToken } from '../auth/sign.ts';
import { silentLogger } from '../chat/logger.ts';
import { readConfig } from '../config/config.ts';
import { TestClient } from '../edge/testing/edge-server.ts';

let folder: string;
let app: App;
let key: Uint8Array;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'backscroll-session-'));
  app = await startApp(readConfig({ DATA_DIR: folder, PORT: '0' }), silentLogger);
  key = await loadDevKey(folder);
}, 120_000);
afterAll(async () => {
  await app.close();
  await rm(folder, { recursive: true });
});

/** Tokens end at whole seconds. */
async function tokenOf(handle: string, seconds: number, organization = 'demo') {
  const now = Math.floor(Date.now() / 1_000) * 1_000;
  const bearer = { organization, subject: handle, handle };
  const { token } = await signDevToken(key, bearer, now, seconds * 1_000);
  return { token, expiresAt: new Date(now + seconds * 1_000).toISOString() };
}

const open = ({ token }: { readonly token: string }) =>
  TestClient.open(`${app.url.replace('http', 'ws')}/graphql`, { authorization: token });

const EVENTS = `subscription { events {
  __typename channelId cursor
  ... on Ready { connectionId }
  ... on SessionExpiring { expiresAt }
} }`;
const RENEW = `mutation ($input: RenewSessionInput!) { renewSession(input: $input) { expiresAt } }`;

interface Told {
  readonly __typename: string;
  readonly connectionId?: string;
  readonly expiresAt?: string;
}
/** What a subscription was told, in order. */
const toldOf = (client: TestClient, id: string): readonly Told[] =>
  client.heard.flatMap((message) =>
    message.type === 'next' && message.id === id
      ? [(message.payload as { data: { events: Told } }).data.events]
      : [],
  );

async function connectionIdOf(client: TestClient): Promise<string> {
  client.subscribe('ready', EVENTS);
  await client.expect('next', 'ready');
  const [ready] = toldOf(client, 'ready');
  expect(ready?.__typename).toBe('Ready');
  return ready?.connectionId ?? '';
}

async function overHttp(token: string, input: object) {
  const response = await fetch(`${app.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query: RENEW, variables: { input } }),
  });
  return (await response.json()) as {
    data?: { renewSession: { expiresAt: string } } | null;
    errors?: { extensions: { code: string } }[];
  };
}

test('every subscription is told of a short token right after Ready, and of its short successor', async () => {
  const first = await tokenOf('ada', 30);
  const client = await open(first);
  const channel = 'query { channel(handle: "general") { id } }';
  client.subscribe('channel', channel);
  const { payload } = await client.expect('next', 'channel');
  const { id } = (payload as { data: { channel: { id: string } } }).data.channel;
  client.subscribe('all', EVENTS);
  client.subscribe('one', EVENTS.replace('events', `events: channelEvents(channelId: "${id}")`));
  const expiring = (which: string) =>
    toldOf(client, which).filter(({ __typename }) => __typename === 'SessionExpiring');
  const until = async (condition: () => boolean) => {
    for (const end = Date.now() + 5_000; !condition(); ) {
      if (Date.now() > end) throw new Error(JSON.stringify(client.heard));
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  const news = { __typename: 'SessionExpiring', channelId: null, cursor: null };
  await until(() => expiring('all').length === 1 && expiring('one').length === 1);
  for (const which of ['all', 'one']) {
    expect(toldOf(client, which)[0]?.__typename).toBe('Ready');
    expect(expiring(which)).toEqual([{ ...news, expiresAt: first.expiresAt }]);
  }
  const second = await tokenOf('ada', 40);
  client.subscribe('renew', RENEW, { variables: { input: { token: second.token } } });
  const answer = await client.expect('next', 'renew');
  expect(answer.payload).toEqual({ data: { renewSession: { expiresAt: second.expiresAt } } });
  await until(() => expiring('all').length === 2 && expiring('one').length === 2);
  expect(expiring('all')[1]?.expiresAt).toBe(second.expiresAt);
  client.ws.close();
});

test('over HTTP the connection is named, and only its own person renews it', async () => {
  const client = await open(await tokenOf('ada', 3_600));
  const connectionId = await connectionIdOf(client);
  const [ada, grace, stranger] = [
    await tokenOf('ada', 7_200),
    await tokenOf('grace', 7_200),
    await tokenOf('ada', 7_200, 'elsewhere'),
  ];
  const renewed = await overHttp(ada.token, { token: ada.token, connectionId });
  expect(renewed).toEqual({ data: { renewSession: { expiresAt: ada.expiresAt } } });
  const codeOf = async (by: string, input: object) =>
    (await overHttp(by, input)).errors?.[0]?.extensions.code;
  expect(await codeOf(ada.token, { token: ada.token })).toBe('BAD_USER_INPUT');
  expect(await codeOf(ada.token, { token: 'bad', connectionId })).toBe('UNAUTHENTICATED');
  expect(await codeOf(ada.token, { token: grace.token, connectionId })).toBe('FORBIDDEN');
  expect(await codeOf(ada.token, { token: stranger.token, connectionId })).toBe('FORBIDDEN');
  const foreign = await overHttp(grace.token, { token: grace.token, connectionId });
  const absent = await overHttp(grace.token, { token: grace.token, connectionId: 'no-such-connection' });
  expect(foreign).toEqual(absent);
  expect(foreign.errors?.[0]?.extensions.code).toBe('NOT_FOUND');
  expect(await codeOf(stranger.token, { token: stranger.token, connectionId })).toBe('NOT_FOUND');
  client.subscribe('still', '{ viewer { user { handle } } }');
  await client.expect('next', 'still');
  client.ws.close();
});

test('on the socket a bad token, and another person, are errors of the operation alone', async () => {
  const client = await open(await tokenOf('ada', 3_600));
  const tokens = { bad: 'bad', grace: (await tokenOf('grace', 60)).token };
  for (const [id, token] of Object.entries(tokens)) {
    client.subscribe(id, RENEW, { variables: { input: { token } } });
    const { payload } = await client.expect('next', id);
    const code = id === 'bad' ? 'UNAUTHENTICATED' : 'FORBIDDEN';
    expect(payload).toMatchObject({ data: null, errors: [{ extensions: { code } }] });
  }
  client.subscribe('still', '{ viewer { user { handle } } }');
  expect((await client.expect('next', 'still')).payload).toEqual({
    data: { viewer: { user: { handle: 'ada' } } },
  });
  client.ws.close();
});

test('not renewed, the socket closes 4403', async () => {
  const client = await open(await tokenOf('ada', 2));
  client.subscribe('all', EVENTS);
  expect(await client.closed).toEqual({ code: 4403, reason: 'token expired' });
});
