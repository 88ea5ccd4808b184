import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openFolder } from './folder-source.ts';
import { NotAnExport, UnreadableFile } from './source.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'backscroll-folder-'));
  await mkdir(join(folder, 'general', 'folder.json'), { recursive: true });
  await writeFile(join(folder, 'users.json'), '[]');
  await writeFile(join(folder, 'general', '2020-01-01.json'), '[1]');
  await writeFile(join(folder, 'general', 'a.txt'), 'x');
  await symlink('/etc', join(folder, 'etc'));
  await symlink('/etc/passwd', join(folder, 'passwd.json'));
});
afterAll(() => rm(folder, { recursive: true }));

test('gives its JSON files with their sizes, and follows no link out of it', async () => {
  const source = await openFolder(folder);
  expect(Object.fromEntries(source.files)).toEqual({
    'users.json': 2,
    'general/2020-01-01.json': 3,
    'general/folder.json': 0,
  });
  expect(await text(await source.open('general/2020-01-01.json'))).toBe('[1]');
});

test('what cannot be read is named by its place in the export', async () => {
  const source = await openFolder(folder);
  const error: unknown = await source
    .open('general/folder.json')
    .then(text, (e: unknown) => e)
    .catch((e: unknown) => e);
  expect(error).toBeInstanceOf(UnreadableFile);
  expect((error as Error).message).toBe('general/folder.json: cannot be read (EISDIR)');
  await rm(join(folder, 'users.json'));
  await expect(source.open('users.json').then(text)).rejects.toThrow('users.json: cannot be read (ENOENT)');
});

test('a folder that is none is no export', async () => {
  await expect(openFolder(join(folder, 'none'))).rejects.toBeInstanceOf(NotAnExport);
});
