import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';

const file = new URL('./first-process.ts', import.meta.url).href;

/** How a process ends that was told to, and has this number. */
async function endOf(pid: number, more = ''): Promise<unknown> {
  const child = spawn(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `import { endOnSignalsAsFirst } from '${file}';
       setInterval(() => undefined, 1_000);
       endOnSignalsAsFirst(${pid});
       ${more}
       console.log('listens');`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const ended = once(child, 'exit');
  await once(child.stdout, 'data');
  child.kill('SIGTERM');
  return ended;
}

test('the first process of a container ends when it is told to', async () => {
  expect(await endOf(1)).toEqual([143, null]);
});

test('unless somebody listens who ends in good order', async () => {
  const listens = `process.on('SIGTERM', () => setTimeout(() => process.exit(0), 50));`;
  expect(await endOf(1, listens)).toEqual([0, null]);
});

test('any other process ends by the signal, as its parent expects', async () => {
  expect(await endOf(2)).toEqual([null, 'SIGTERM']);
});
