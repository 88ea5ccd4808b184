import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSchema } from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { limits } from '../chat/limits.ts';
import { silentLogger } from '../chat/logger.ts';
import { CannotStart } from './cannot-start.ts';
import { documentRules } from './persisted-documents.ts';

const schema = buildSchema('type Query { me: String }');
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'backscroll-persisted-'));
});
afterAll(() => rm(folder, { recursive: true }));

const read = async (text: string | null, logger = silentLogger) => {
  const path = join(folder, 'documents.json');
  if (text === null) await rm(path, { force: true });
  else await writeFile(path, text);
  return documentRules({ limits: limits.operation, persistedDocuments: path }, schema, logger);
};

test('without a file any document runs', async () => {
  const rules = await documentRules(
    { limits: limits.operation, persistedDocuments: null },
    schema,
    silentLogger,
  );
  expect(rules.persisted ?? null).toBeNull();
});

test('what codegen writes is read', async () => {
  const { persisted } = await read('{"a1": "{ me }", "b2": "query Me { me }"}');
  expect(persisted?.get('b2')).toBe('query Me { me }');
});

test.each([
  ['is not there', null],
  ['is no JSON', '{'],
  ['is a list', '["{ me }"]'],
  ['holds something else', '{"a1": {"document": "{ me }"}}'],
  ['holds nothing: then nothing would run', '{}'],
])('a file that %s stops the start, and is named', async (_, text) => {
  const starting = read(text);
  await expect(starting).rejects.toThrow(CannotStart);
  await expect(starting).rejects.toThrow(join(folder, 'documents.json'));
});

test('documents of another version are warned of, and the others run', async () => {
  const warned: object[] = [];
  const logger = { ...silentLogger, warn: (line: object) => warned.push(line) };
  const { persisted } = await read('{"good": "{ me }", "bad": "{ you }"}', logger);
  expect(persisted?.size).toBe(2);
  expect(warned).toMatchObject([{ count: 1, of: 2, first: [{ hash: 'bad' }] }]);
});
