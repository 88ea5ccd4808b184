/** The log for machines: whole lines, those of weight at once, the others gathered. */
import fs, { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createLogger } from './logger.ts';

let folder: string;
let fd: number;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'backscroll-log-'));
  fd = openSync(join(folder, 'log'), 'a');
});
afterEach(() => {
  closeSync(fd);
  rmSync(folder, { recursive: true });
});

/** No terminal: what matters of it is its descriptor. */
const stream = () => ({ isTTY: false, fd }) as unknown as typeof process.stderr;
const lines = (): { msg: string }[] =>
  readFileSync(join(folder, 'log'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
const words = () => lines().map(({ msg }) => msg);

test('what wants a look is written at once, and all before it with it', () => {
  const logger = createLogger('info', stream());
  logger.info({}, 'one');
  logger.info({}, 'two');
  expect(words()).toEqual([]);
  logger.warn({}, 'three');
  expect(words()).toEqual(['one', 'two', 'three']);
  logger.error({ err: Object.assign(new Error('four'), { detail: 'SECRET' }) }, 'five');
  expect(lines().at(-1)).toMatchObject({ err: { type: 'Error', message: 'four' }, msg: 'five' });
  expect(JSON.stringify(lines())).not.toContain('SECRET');
});

test('what does not is written soon', async () => {
  const logger = createLogger('trace', stream());
  logger.debug({ n: 1 }, 'small');
  await vi.waitFor(() => expect(words()).toEqual(['small']));
});

test('the level decides', () => {
  const logger = createLogger('error', stream());
  logger.info({}, 'no');
  logger.warn({}, 'no');
  logger.error({}, 'yes');
  expect(words()).toEqual(['yes']);
});

test('a log that cannot be written ends nothing, and says that lines are missing when it can be again', () => {
  const logger = createLogger('info', stream());
  logger.warn({}, 'before');
  const isFull = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
  const written = vi.spyOn(fs, 'writeSync').mockImplementation(() => {
    throw isFull;
  });
  logger.warn({}, 'lost');
  logger.error({}, 'lost too');
  expect(written).toHaveBeenCalledTimes(2);
  written.mockRestore();
  logger.warn({}, 'after');
  expect(words()).toEqual([
    'before',
    'Lines of the log could not be written: they are missing here.',
    'after',
  ]);
});
