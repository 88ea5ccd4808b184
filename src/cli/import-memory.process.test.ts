/**
 * Memory does not grow with the export: a day of 70 MB in one file, half of it one thread, with a heap that could not
 * hold it, let alone its messages. Reading a file whole ends the process here.
 */
import { execFile } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

const HEAP_MB = 64;
const MESSAGES = 6_000;
const PADDING = 'x'.repeat(12_000);
const START = 1_577_836_800;

const main = fileURLToPath(new URL('./main.ts', import.meta.url));
const run = promisify(execFile);

let temporary: string;

/** In no order: the file alone does not say what comes first. */
function* day(): Generator<string> {
  for (let i = 0; i < MESSAGES; i += 1) {
    const n = (i * 7_919) % MESSAGES;
    const message = {
      type: 'message',
      user: 'U1',
      ts: `${START + n}.000100`,
      ...(n > 0 && n % 2 === 1 ? { thread_ts: `${START}.000100` } : {}),
      text: `message ${n}`,
      // What an import does not keep.
      unknown: PADDING,
    };
    yield `${i === 0 ? '[' : ','}${JSON.stringify(message)}`;
  }
  yield ']';
}

beforeAll(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'backscroll-import-memory-'));
  const folder = join(temporary, 'export');
  await mkdir(join(folder, 'general'), { recursive: true });
  await writeFile(join(folder, 'users.json'), JSON.stringify([{ id: 'U1', name: 'ada' }]));
  const general = { id: 'C1', name: 'general', creator: 'U1', members: ['U1'] };
  await writeFile(join(folder, 'channels.json'), JSON.stringify([general]));
  await pipeline(Readable.from(day()), createWriteStream(join(folder, 'general', '2020-01-01.json')));
});
afterAll(() => rm(temporary, { recursive: true }));

test('a day that is larger than the heap is imported', { timeout: 240_000 }, async () => {
  const env = { DATA_DIR: join(temporary, 'data'), PATH: '' };
  const cli = (...args: string[]) =>
    run(process.execPath, [`--max-old-space-size=${HEAP_MB}`, main, ...args], { env });
  await cli('org', 'create', 'acme');
  const { stdout } = await cli('import', 'slack', join(temporary, 'export'));
  expect(stdout).toMatch(/6,000 {2}messages\n/);
  expect(stdout).toMatch(/3,000 {2}of these in threads\n/);
  expect(stdout).toContain('#general: 6000 messages added, 3000 in all outside threads');
});
