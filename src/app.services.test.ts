/** The whole program on Postgres, where other processes may change what it knows. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../test/services.ts';
import { migrateStores } from './app/migrate.ts';
import { tokenFor, withPeople } from './app/people.ts';
import { type App, startApp } from './app.ts';
import { silentLogger } from './chat/logger.ts';
import { type Config, readConfig } from './config/config.ts';
import { TestClient } from './edge/testing/edge-server.ts';
import { createDatabase, type TestDatabase } from './stores/relational/testing/databases.ts';

const JWT_SECRET = 'a secret of the tests, long enough for HS256';

await describeWith(['postgres'], 'the program on Postgres', () => {
  let database: TestDatabase;
  const options = { logger: silentLogger };
  let folder: string;
  let config: Config;
  let app: App;

  const token = (subject: string, claims: Record<string, unknown> = {}) =>
    new SignJWT({ org: 'acme', ...claims })
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject(subject)
      .setExpirationTime('1h')
      .sign(new TextEncoder().encode(JWT_SECRET));
  const ask = async (bearer: string, query = '{ viewer { user { handle name } } }') => {
    const response = await fetch(`${app.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${bearer}` },
      body: JSON.stringify({ query }),
    });
    const { data, errors } = (await response.json()) as {
      data?: unknown;
      errors?: { extensions: { code: string } }[];
    };
    return { status: response.status, data, code: errors?.[0]?.extensions.code };
  };
  const socket = (bearer: string) =>
    TestClient.knock(`${app.url.replace('http', 'ws')}/graphql`, { authorization: bearer });

  beforeAll(async () => {
    database = await createDatabase();
    folder = await mkdtemp(join(tmpdir(), 'backscroll-app-pg-'));
    config = readConfig({ DATABASE_URL: database.url, DATA_DIR: folder, PORT: '0', JWT_SECRET });
    await expect(startApp(config, silentLogger)).rejects.toThrow('npm run cli -- migrate');
    expect(await migrateStores(config, options)).not.toEqual([]);
    expect(await migrateStores(config, options)).toEqual([]);
    app = await startApp(config, silentLogger);
  }, 120_000);
  afterAll(async () => {
    await app?.close();
    await rm(folder, { recursive: true });
    await database.drop();
  });

  test('a valid token of an organization that does not exist is refused; none is made', async () => {
    expect(await ask(await token('ada', { org: 'nowhere' }))).toMatchObject({
      status: 403,
      code: 'FORBIDDEN',
    });
    const client = await socket(await token('ada', { org: 'nowhere' }));
    expect(await client.closed).toEqual({ code: 4401, reason: 'unauthorized' });
    await withPeople(config, options, async ({ organizations }) => {
      expect(await organizations.list()).toEqual([]);
    });
  });

  test('an organization made by the operator is there at once; its people come with their tokens', async () => {
    await withPeople(config, options, ({ organizations }) =>
      organizations.create({ slug: 'acme', name: 'Acme', cell: 'default' }),
    );
    const bearer = await token('id-of-ada', { handle: 'ada', name: 'Ada Lovelace' });
    expect(await ask(bearer)).toEqual({
      status: 200,
      data: { viewer: { user: { handle: 'ada', name: 'Ada Lovelace' } } },
      code: undefined,
    });
    // The operator's token for that handle is that person's, whatever their subject is.
    const { token: made } = await tokenFor(config, options, {
      organization: 'acme',
      handle: 'ada',
      lifeMs: 60_000,
    });
    expect((await ask(made)).data).toEqual({ viewer: { user: { handle: 'ada', name: 'Ada Lovelace' } } });
    const nowhere = { organization: 'nowhere', handle: 'ada', lifeMs: 60_000 };
    await expect(tokenFor(config, options, nowhere)).rejects.toThrow('org create nowhere');
  });

  test('the first tokens of one person on many requests at once make one user', async () => {
    const bearer = await token('grace', { handle: 'grace' });
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(bearer)));
    expect(new Set(answers.map(({ data }) => JSON.stringify(data))).size).toBe(1);
    const { data } = await ask(bearer, '{ users { edges { node { handle } } } }');
    expect(JSON.stringify(data).match(/grace/g)).toHaveLength(1);
  });

  test('there is no dev sign-in, and nobody is refused for where they come from', async () => {
    expect((await fetch(`${app.url}/auth/dev`, { method: 'POST' })).status).toBe(404);
    expect(
      (await fetch(`${app.url}/health/live`, { headers: { 'x-forwarded-for': '10.0.0.1' } })).status,
    ).toBe(200);
  });

  test('the clock is looked at', async () => {
    const { parts } = (await (await fetch(`${app.url}/health/ready`)).json()) as { parts: object };
    expect(parts).toMatchObject({ clock: { state: 'up' }, database: { state: 'up' } });
  });

  test('whoever is shut out loses requests in a moment and sockets soon after', {
    timeout: 60_000,
  }, async () => {
    const [linus, ada] = [await token('linus', { handle: 'linus' }), await token('id-of-ada')];
    const [out, other] = [await socket(linus), await socket(ada)];
    await Promise.all([out.expect('connection_ack'), other.expect('connection_ack')]);
    const stream = await fetch(`${app.url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'text/event-stream',
        authorization: `Bearer ${linus}`,
      },
      body: JSON.stringify({ query: 'subscription { presence(userIds: []) { presence } }' }),
    });
    expect(stream.status).toBe(200);
    let hasEnded = false;
    const ended = stream.text().then(() => {
      hasEnded = true;
    });
    await withPeople(config, options, async ({ organizations, users }) => {
      const organization = await organizations.bySlug('acme');
      await users.deactivate(organization?.id ?? '', 'linus');
    });
    await expect.poll(async () => (await ask(linus)).code, { timeout: 10_000 }).toBe('UNAUTHENTICATED');
    expect(await out.closed).toEqual({ code: 4401, reason: 'unauthorized' });
    // With it, and not when it is asked for next.
    await expect.poll(() => hasEnded, { timeout: 3_000 }).toBe(true);
    await ended;
    expect(other.ws.readyState).toBe(other.ws.OPEN);
    expect(await (await socket(linus)).closed).toEqual({ code: 4401, reason: 'unauthorized' });
    other.ws.close();
  });
});
