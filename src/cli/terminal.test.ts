/** What is shown on a terminal, and only there. */
import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { createLogger } from './logger.ts';
import { showProgress } from './progress.ts';

function terminal(isTTY: boolean) {
  let text = '';
  const stream = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  });
  // The few members of a terminal that are touched.
  const shown = Object.assign(stream, { isTTY, columns: 40, fd: 2 }) as unknown as typeof process.stderr;
  return { stream: shown, text: () => text };
}

test('progress is drawn on a terminal, fits its width, and is taken away', () => {
  const { stream, text } = terminal(true);
  const progress = showProgress('Starting '.repeat(20), stream);
  progress.end();
  const [, first = ''] = text().split('\r\u001b[K');
  expect(first).toContain('Starting');
  expect(first.length).toBeLessThanOrEqual(40);
  expect(text().endsWith('\r\u001b[K')).toBe(true);
});

test('progress is silent elsewhere', () => {
  const { stream, text } = terminal(false);
  const progress = showProgress('Starting', stream);
  progress.say('Waiting');
  progress.end();
  expect(text()).toBe('');
});

test('the log on a terminal is for people, and keeps to its level', () => {
  const { stream, text } = terminal(true);
  const logger = createLogger('warn', stream);
  logger.info({}, 'not this');
  logger.warn({ host: 'db' }, 'Waiting');
  logger.error({ err: new Error('broken') }, 'A request failed');
  expect(text()).not.toContain('not this');
  expect(text()).toMatch(/\d\d:\d\d:\d\d .*warn.* Waiting host="db"\n/);
  expect(text()).toContain('Error: broken');
});
