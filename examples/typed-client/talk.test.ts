/** Runs the example against a server of its own: what compiles against the schema also works. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type App, startApp } from '../../src/app.ts';
import { silentLogger } from '../../src/chat/logger.ts';
import { readConfig } from '../../src/config/config.ts';
import { discuss } from './discuss.ts';
import { request } from './http.ts';
import { WhereAmI } from './operations.ts';
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
