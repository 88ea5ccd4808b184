/**
 * `npm run check:image`: follows the Dockerfile's steps without Docker, then starts what they leave behind as the image
 * would, asks it something, looks at its health, and ends it. With `--installed` it takes this folder's node_modules for
 * what the first `npm ci` makes, as they are after the same command.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from '../test/e2e/free-port.ts';
import { buildImage, type Image } from './image/build.ts';

const run = promisify(execFile);
const READY_MS = 60_000;
const END_MS = 30_000;

const project = new URL('..', import.meta.url).pathname;
const folder = await mkdtemp(join(tmpdir(), 'backscroll-image-'));
// The image's own user must be able to read it.
await chmod(folder, 0o755);
let endServer = (): void => undefined;
try {
  const dockerfile = await readFile(join(project, 'Dockerfile'), 'utf8');
  const image = await buildImage(dockerfile, project, folder, {
    say: (line) => console.log(line),
    installed: process.argv.includes('--installed') ? join(project, 'node_modules') : null,
  });
  await look(image);
  await use(image);
  console.log('the image starts, answers, says that it is well, and ends');
} finally {
  endServer();
  await rm(folder, { recursive: true, force: true });
}

/** What lies in it, beside the base image. */
async function look({ root, user }: Image): Promise<void> {
  if (!/^[1-9]\d*:[1-9]\d*$/.test(user)) throw new Error(`it runs as ${user}, and must not as root`);
  const size = (await run('du', ['-sm', root])).stdout.split('\t', 1)[0];
  const unwanted = await run('find', [
    root,
    '(',
    '-name',
    '*.ts',
    '-not',
    '-path',
    '*/node_modules/*',
    '-o',
    '-path',
    '*/node_modules/typescript',
    '-o',
    '-path',
    '*/node_modules/graphql-yoga',
    '-o',
    '-path',
    '*/node_modules/node-linux-*',
    ')',
  ]);
  if (unwanted.stdout !== '') throw new Error(`it holds what does not belong in it:\n${unwanted.stdout}`);
  console.log(`${size} MB beside the base image`);
}

async function use(image: Image): Promise<void> {
  const port = await freePort();
  const env = {
    PATH: process.env.PATH,
    ...image.env,
    // On its embedded stores, and on loopback alone.
    HOST: '127.0.0.1',
    PORT: String(port),
    AUTH_MODE: 'jwt',
    JWT_SECRET: 'a secret of this check alone, 32 bytes or more',
    EDGE_URL: 'ws://localhost/graphql',
  };
  const as = process.getuid?.() === 0 ? asUser(image.user) : [];
  const cwd = join(image.root, image.workdir);
  const healthy = async (): Promise<boolean> => {
    const [program = '', ...words] = [...as, ...image.healthcheck];
    return run(program, words, { cwd, env }).then(
      () => true,
      () => false,
    );
  };
  if (await healthy()) throw new Error('it is said to be well before it was started');
  const [program = '', ...words] = [...as, ...image.command];
  let log = '';
  const started = spawn(program, words, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  endServer = () => void started.kill('SIGKILL');
  started.stdout.on('data', (chunk: Buffer) => (log += chunk));
  started.stderr.on('data', (chunk: Buffer) => (log += chunk));
  for (const began = performance.now(); !(await healthy()); await sleep(300)) {
    if (started.exitCode !== null) throw new Error(`it ended:\n${log}`);
    if (performance.now() - began > READY_MS) throw new Error(`it is not well after a minute:\n${log}`);
  }
  const response = await fetch(`http://127.0.0.1:${port}/graphql?query={__typename}`, {
    signal: AbortSignal.timeout(10_000),
  });
  const answer = await response.text();
  if (answer !== '{"data":{"__typename":"Query"}}') throw new Error(`it answered ${answer}`);
  const ended = once(started, 'exit', { signal: AbortSignal.timeout(END_MS) });
  started.kill('SIGTERM');
  const [code] = await ended;
  if (code !== 0) throw new Error(`at SIGTERM it ended with ${code}:\n${log}`);
}

function asUser(user: string): readonly string[] {
  const [uid = '', gid = ''] = user.split(':');
  return ['setpriv', '--reuid', uid, '--regid', gid, '--clear-groups'];
}
