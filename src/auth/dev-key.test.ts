import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadDevKey } from './dev-key.ts';

let folder = '';
const file = () => join(folder, 'data', 'dev-signing-key');
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'backscroll-key-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('the key is made once, also when two ask at once, and only its owner may read it', async () => {
  const [one, two] = await Promise.all([loadDevKey(join(folder, 'data')), loadDevKey(join(folder, 'data'))]);
  expect(one).toEqual(two);
  expect(one).toHaveLength(32);
  await chmod(file(), 0o644);
  expect(await loadDevKey(join(folder, 'data'))).toEqual(one);
  expect((await stat(file())).mode & 0o777).toBe(0o600);
});

test('a file that is no key is refused, and left as it is', async () => {
  await loadDevKey(join(folder, 'data'));
  await writeFile(file(), 'oops');
  await expect(loadDevKey(join(folder, 'data'))).rejects.toThrow('is not a signing key');
  expect(await readFile(file(), 'utf8')).toBe('oops');
});
