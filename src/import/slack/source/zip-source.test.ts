import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeZip } from '../testing/zip.ts';
import { NotAnExport, UnreadableFile } from './source.ts';
import { openZip } from './zip-source.ts';

let folder: string;
let made = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'backscroll-zip-'));
});
afterAll(() => rm(folder, { recursive: true }));

const fresh = (): string => {
  made += 1;
  return join(folder, `${made}.zip`);
};

const small = { 'users.json': '[]', 'general/2020-01-01.json': `[${'1, '.repeat(500)}1]`, 'a.txt': 'x' };

/** A zip file whose bytes were changed after it was written. */
async function changed(files: Record<string, string>, change: (bytes: Buffer) => Buffer): Promise<string> {
  const file = fresh();
  await writeZip(file, files);
  await writeFile(file, change(await readFile(file)));
  return file;
}

/** Puts another of the same length in every place where these bytes stand. */
const replaced = (bytes: Buffer, from: string, to: string): Buffer =>
  Buffer.from(bytes.toString('latin1').replaceAll(from, to), 'latin1');

const LOCAL = Buffer.from('PK\u0003\u0004', 'latin1');
const CENTRAL = Buffer.from('PK\u0001\u0002', 'latin1');

const refusal = async (file: string): Promise<string> => {
  const error: unknown = await openZip(file).then(
    (source) => source.close().then(() => 'it was opened'),
    (e: unknown) => e,
  );
  expect(error).toBeInstanceOf(NotAnExport);
  return (error as NotAnExport).message;
};

describe('a zip file', () => {
  test.each([false, true])('gives its JSON files and their sizes (zip64: %s)', async (isZip64) => {
    const file = fresh();
    await writeZip(file, small, isZip64);
    const source = await openZip(file);
    expect([...source.files]).toEqual([
      ['users.json', 2],
      ['general/2020-01-01.json', small['general/2020-01-01.json'].length],
    ]);
    const both = ['users.json', 'general/2020-01-01.json'] as const;
    // At once, as several conversations are.
    const texts = await Promise.all(both.map(async (path) => text(await source.open(path))));
    expect(texts).toEqual(both.map((path) => small[path]));
    await expect(source.open('a.txt')).rejects.toBeInstanceOf(UnreadableFile);
    await source.close();
  });

  test('that was cut short is named as that', async () => {
    const file = await changed(small, (bytes) => bytes.subarray(0, bytes.length - 40));
    expect(await refusal(file)).toContain('not a whole zip file');
  });

  test('that is none is named as that', async () => {
    const file = fresh();
    await writeFile(file, 'hello');
    expect(await refusal(file)).toContain('not a whole zip file');
  });

  test.each(['../a', '/etc/', 'C:/x'])('with a name that leads out of it is refused (%s)', async (way) => {
    const name = 'x'.repeat(way.length);
    const file = await changed({ ...small, [`${name}/evil.json`]: '[]' }, (bytes) =>
      replaced(bytes, `${name}/evil`, `${way}/evil`),
    );
    expect(await refusal(file)).toContain('leads out of the archive');
  });

  test('that needs a password is refused, saying what to do', async () => {
    const file = await changed(small, (bytes) => {
      for (let at = bytes.indexOf(CENTRAL); at >= 0; at = bytes.indexOf(CENTRAL, at + 1)) {
        bytes.writeUInt16LE(bytes.readUInt16LE(at + 8) | 1, at + 8);
      }
      return bytes;
    });
    expect(await refusal(file)).toContain('is encrypted (users.json). Unpack it with its password');
  });

  test('that swells beyond all measure is refused before a byte of it is unpacked', async () => {
    const file = fresh();
    await writeZip(file, { ...small, 'general/2020-01-02.json': Buffer.alloc(40 * 2 ** 20, 0x20) });
    expect(await refusal(file)).toMatch(/general\/2020-01-02.json says it unpacks to 40 MiB/);
  });

  test('that lies about how large a file is gives no more than it said', async () => {
    const file = await changed({ 'a.json': `[${' '.repeat(100_000)}]` }, (bytes) => {
      bytes.writeUInt32LE(1_000, bytes.indexOf(CENTRAL) + 24);
      return bytes;
    });
    const source = await openZip(file);
    await expect(source.open('a.json').then(text)).rejects.toThrow(/a.json: is damaged/);
    await source.close();
  });

  test('whose files share their bytes is refused', async () => {
    const file = await changed({ 'a.json': '[1]', 'b.json': '[2]' }, (bytes) => {
      const second = bytes.indexOf(CENTRAL, bytes.indexOf(CENTRAL) + 1);
      bytes.writeUInt32LE(0, second + 42);
      return bytes;
    });
    expect(await refusal(file)).toContain('b.json shares its bytes with another file');
  });

  test('that holds a file twice is refused', async () => {
    const file = await changed({ 'a.json': '[1]', 'b.json': '[2]' }, (bytes) =>
      replaced(bytes, 'b.json', 'a.json'),
    );
    expect(await refusal(file)).toContain('holds a.json twice');
  });

  test('with a file whose checksum is another gives none of it as whole', async () => {
    const file = await changed({ 'a.json': '[1]' }, (bytes) => {
      const at = bytes.indexOf(CENTRAL) + 16;
      bytes.writeUInt32LE((bytes.readUInt32LE(at) ^ 1) >>> 0, at);
      return bytes;
    });
    const source = await openZip(file);
    await expect(source.open('a.json').then(text)).rejects.toThrow(
      'a.json: is damaged: its checksum is another',
    );
    await source.close();
  });

  test('with a damaged file gives the others', async () => {
    const content = `["${'abcdefghij'.repeat(400)}"]`;
    const file = await changed({ 'a.json': '[1]', 'b.json': content }, (bytes) => {
      const at = bytes.indexOf(LOCAL, 4) + 60;
      bytes[at] = (bytes[at] ?? 0) ^ 0xff;
      return bytes;
    });
    const source = await openZip(file);
    expect(await text(await source.open('a.json'))).toBe('[1]');
    await expect(source.open('b.json').then(text)).rejects.toBeInstanceOf(UnreadableFile);
    await source.close();
  });
});
