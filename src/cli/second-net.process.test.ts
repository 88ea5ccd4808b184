/** In processes of their own: what is tested is whether they end. */
import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

const net = JSON.stringify(new URL('./second-net.ts', import.meta.url).href);

const run = (script: string) =>
  spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
    encoding: 'utf8',
    timeout: 20_000,
  });

const logger = `{
  error: ({ err }, message) => console.log('error', err.message, String(err.cause), message.length > 0),
  warn() {}, info() {}, debug() {},
}`;
const rejectAndLive = `
  void Promise.reject(new Error('unheard'));
  void Promise.reject('no error');
  setTimeout(() => console.log('lives on'), 20);
`;

test('a promise that is rejected unheard is logged, whatever it is rejected with, and the process lives on', () => {
  const { stdout, status } = run(
    `import { logRejections } from ${net}; logRejections(${logger}); ${rejectAndLive}`,
  );
  expect(stdout).toBe('error unheard undefined true\nerror not an Error no error true\nlives on\n');
  expect(status).toBe(0);
});

test('what is thrown outside of any promise still ends the process, and so does all of it once the net is gone', () => {
  const thrown = run(
    `import { logRejections } from ${net}; logRejections(${logger}); setTimeout(() => { throw new Error('thrown'); }, 1); ${rejectAndLive}`,
  );
  expect(thrown.status).toBe(1);
  expect(thrown.stderr).toContain('thrown');
  const gone = run(`import { logRejections } from ${net}; logRejections(${logger})(); ${rejectAndLive}`);
  expect(gone.status).toBe(1);
  expect(gone.stdout).toBe('');
});
