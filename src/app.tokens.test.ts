/** Tokens by an identity provider's keys, on the whole program: rotated, gone and taken back, over HTTP and WebSocket. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { withPeople } from './app/people.ts';
import { type App, startApp } from './app.ts';
import { type IdentityProvider, startIdentityProvider } from './auth/testing/identity-provider.ts';
import { silentLogger } from './chat/logger.ts';
import { readConfig } from './config/config.ts';
import { TestClient } from './edge/testing/edge-server.ts';

let folder: string;
let provider: IdentityProvider;
let app: App;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'backscroll-tokens-'));
  provider = await startIdentityProvider();
  await provider.rotate('one', 'RS256');
  const config = readConfig({
    DATA_DIR: folder,
    PORT: '0',
    AUTH_MODE: 'jwt',
    JWKS_URL: provider.url,
    JWT_ISSUER: 'https://id.example',
    JWT_AUDIENCE: 'chat',
  });
  const options = { logger: silentLogger };
  await withPeople(config, options, ({ organizations }) =>
    organizations.create({ slug: 'acme', name: 'Acme', cell: 'default' }),
  );
  app = await startApp(config, silentLogger);
}, 120_000);
afterAll(async () => {
  await app.close();
  await provider.close();
  await rm(folder, { recursive: true });
});

const seconds = () => Math.floor(Date.now() / 1_000);
const tokenOf = (sub: string, kid = 'one', claims: object = {}) =>
  provider.sign(kid, {
    sub,
    org: 'acme',
    iss: 'https://id.example',
    aud: 'chat',
    exp: seconds() + 3_600,
    ...claims,
  });
const ME = '{ viewer { user { handle } } }';

async function overHttp(token: string): Promise<{ readonly status: number; readonly text: string }> {
  const response = await fetch(`${app.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query: ME }),
  });
  return { status: response.status, text: await response.text() };
}
const knock = (token: string) =>
  TestClient.knock(`${app.url.replace('http', 'ws')}/graphql`, { authorization: token });

test('people sign in by the keys there are, also by one that is new', async () => {
  expect((await overHttp(await tokenOf('ada'))).text).toContain('"handle":"ada"');
  await provider.rotate('two', 'EdDSA');
  const client = await knock(await tokenOf('grace', 'two'));
  await client.expect('connection_ack');
  client.subscribe('me', ME);
  expect(JSON.stringify((await client.expect('next', 'me')).payload)).toContain('"handle":"grace"');
  client.ws.close();
});

test('a token a few seconds past its end is answered, and opens no socket that lasts', async () => {
  const late = await tokenOf('ada', 'one', { exp: seconds() - 5 });
  expect((await overHttp(late)).status).toBe(200);
  expect(await (await knock(late)).closed).toEqual({ code: 4403, reason: 'token expired' });
  const tooLate = await tokenOf('ada', 'one', { exp: seconds() - 40 });
  expect((await overHttp(tooLate)).status).toBe(401);
});

test("others' tokens are refused, over both", async () => {
  const other = await startIdentityProvider();
  await other.rotate('one', 'RS256');
  const claims = { sub: 'ada', org: 'acme', iss: 'https://id.example', aud: 'chat', exp: seconds() + 60 };
  const wrong = [
    await other.sign('one', claims),
    await tokenOf('ada', 'one', { aud: 'mail' }),
    await tokenOf('ada', 'one', { iss: 'https://other.example' }),
  ];
  await other.close();
  for (const token of wrong) {
    const { status, text } = await overHttp(token);
    expect(status).toBe(401);
    expect(text).toContain('UNAUTHENTICATED');
    expect(text).not.toContain(token);
    expect(await (await knock(token)).closed).toMatchObject({ code: 4401 });
  }
});

test('while the provider is down those who are known go on, and others are told to come again', async () => {
  const known = await tokenOf('ada');
  const client = await knock(known);
  await client.expect('connection_ack');
  await provider.rotate('three');
  provider.fallIll((response) => response.destroy());
  const strange = await tokenOf('ada', 'three');
  expect(await overHttp(strange)).toMatchObject({
    status: 503,
    text: expect.stringContaining('UNAVAILABLE'),
  });
  client.subscribe('me', ME, { extensions: { headers: { authorization: strange } } });
  expect(JSON.stringify(await client.expect('error', 'me'))).toContain('UNAVAILABLE');
  // The socket is unharmed.
  client.subscribe('still', ME);
  await client.expect('next', 'still');
  expect((await overHttp(known)).status).toBe(200);
  expect((await overHttp(await tokenOf('alan'))).status).toBe(200);
  provider.fallIll(null);
  expect((await overHttp(strange)).status).toBe(200);
  client.ws.close();
});
