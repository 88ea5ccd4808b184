/** Settings about operations, in the whole program: what they allow runs, over HTTP and by WebSocket, and nothing else. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getIntrospectionQuery } from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type App, startApp } from './app.ts';
import { silentLogger } from './chat/logger.ts';
import { readConfig } from './config/config.ts';
import { TestClient } from './edge/testing/edge-server.ts';

interface Answer {
  readonly data?: object | null;
  readonly errors?: readonly { readonly extensions: { readonly code: string } }[];
}

async function post(url: string, body: object, token = ''): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: token },
    body: JSON.stringify(body),
  });
  return (await response.json()) as Answer;
}

/** By HTTP and by WebSocket: 'OK', or a code. */
async function asked(body: object): Promise<readonly string[]> {
  const { errors } = await post(`${app.url}/graphql`, body, ada);
  const client = await TestClient.open(`${app.url.replace('http', 'ws')}/graphql`, { authorization: ada });
  client.send({ id: 'o', type: 'subscribe', payload: body });
  const { payload } = await Promise.race([client.expect('error', 'o'), client.expect('next', 'o')]);
  client.ws.terminate();
  const refused = Array.isArray(payload) ? (payload as NonNullable<Answer['errors']>) : undefined;
  return [errors, refused].map((list) => list?.[0]?.extensions.code ?? 'OK');
}

const documents = {
  sidebar: '{ viewer { memberships(first: 100) { edges { node { channel { lastMessage { text } } } } } } }',
  introspection: getIntrospectionQuery(),
  pages:
    'query ($n: Int) { channels(first: $n) { edges { node { messages(last: $n) { edges { node { text } } } } } } }',
  aliased: '{ a: viewer { id } b: viewer { id } }',
};

let folder: string;
let app: App;
let ada: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'backscroll-limits-'));
  const file = join(folder, 'documents.json');
  await writeFile(file, JSON.stringify(documents));
  const settings = { DATA_DIR: folder, PORT: '0', PERSISTED_DOCUMENTS: file, QUERY_MAX_ALIASES: '1' };
  app = await startApp(readConfig(settings), silentLogger);
  const answer = await post(`${app.url}/auth/dev`, { organization: 'demo', handle: 'ada' });
  ada = (answer as { readonly token: string }).token;
});
afterAll(async () => {
  await app.close();
  await rm(folder, { recursive: true });
});

test.each([
  ['a kept document runs by its hash', { documentId: 'sidebar' }, 'OK'],
  ['so does introspection, within the usual limits', { documentId: 'introspection' }, 'OK'],
  ['pages within pages run while they are small', { documentId: 'pages', variables: { n: 20 } }, 'OK'],
  ['and are refused beyond', { documentId: 'pages', variables: { n: 200 } }, 'QUERY_TOO_COMPLEX'],
  ['a limit that was set holds for kept documents too', { documentId: 'aliased' }, 'QUERY_TOO_COMPLEX'],
  ['what is not kept does not run', { query: '{ viewer { id } }' }, 'BAD_USER_INPUT'],
])('%s', async (_, body, code) => {
  expect(await asked(body)).toEqual([code, code]);
});
