/** The command line as processes, one folder of embedded data for all. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';

const main = new URL('./main.ts', import.meta.url).pathname;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'backscroll-cli-'));
});
afterAll(() => rm(folder, { recursive: true }));

const environment = (env: Record<string, string>) => ({
  PATH: process.env.PATH ?? '',
  DATA_DIR: folder,
  PORT: '0',
  ...env,
});

interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

async function run(args: readonly string[], env: Record<string, string> = {}): Promise<Ran> {
  const child = execFile(process.execPath, [main, ...args], { env: environment(env), timeout: 90_000 });
  let out = '';
  let err = '';
  child.stdout?.on('data', (chunk) => (out += chunk));
  child.stderr?.on('data', (chunk) => (err += chunk));
  child.stdin?.end();
  const [code] = await once(child, 'close');
  return { code, out, err };
}

const settings = { timeout: 120_000 };

describe('help', settings, () => {
  test('names every command and every setting with its default', async () => {
    const { code, out } = await run(['--help']);
    expect(code).toBe(0);
    for (const word of [
      'serve',
      'migrate',
      'reset',
      'restore',
      'org',
      'user',
      'token',
      'import',
      'DATABASE_URL',
      'default: 4000',
    ]) {
      expect(out).toContain(word);
    }
    expect(out).not.toContain('\u001b[');
  });

  test('a command that does not exist is told from one that does', async () => {
    expect(await run(['serv'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('Did you mean serve?'),
    });
  });
});

describe('what cannot be done is said in one line, without a stack', settings, () => {
  const refused = async (args: readonly string[], env: Record<string, string> = {}) => {
    const { code, err } = await run(args, env);
    expect(code).toBe(1);
    expect(err).not.toMatch(/^\s+at /m);
    return err;
  };

  test('settings: all faults at once', async () => {
    const err = await refused(['serve'], { PORT: 'abc', LOG_LEVEL: 'loud', JWT_SECRET: 'hush' });
    for (const part of ['PORT is "abc"', 'LOG_LEVEL is "loud"', 'JWT_SECRET cannot be used'])
      expect(err).toContain(part);
    expect(err).not.toContain('hush');
  });

  test('a data folder that is none', async () => {
    const file = join(folder, 'file');
    await writeFile(file, '');
    expect(await refused(['org', 'list'], { DATA_DIR: join(file, 'data') })).toContain('cannot be used');
  });

  test('slugs, handles, names and times that cannot be', async () => {
    expect(await refused(['org', 'create', 'A B'])).toContain('cannot be a slug');
    expect(await refused(['org', 'create', 'acme', '--name', 'x'.repeat(81)])).toContain(
      '1 to 80 characters',
    );
    expect(await refused(['token', 'demo', 'Ada!'])).toContain('cannot be a handle');
    expect(await refused(['token', 'demo', 'ada', '--hours', '-1'])).toContain('--hours');
  });

  test('reset without anybody to ask', async () => {
    expect(await refused(['reset'])).toContain('--yes');
  });

  test('reset where nothing is embedded', async () => {
    const env = {
      DATABASE_URL: 'postgres://127.0.0.1/x',
      CASSANDRA_URL: 'cassandra://127.0.0.1/x',
      JWT_SECRET: 'x'.repeat(32),
    };
    expect(await refused(['reset', '--yes'], env)).toContain('left alone');
  });
});

describe('commands on embedded stores', settings, () => {
  test('organizations: made once, listed', async () => {
    expect((await run(['org', 'list'])).out).toContain('There is no organization yet');
    expect((await run(['org', 'create', 'acme', '--name', 'Acme Inc.'])).out).toBe(
      'Made organization acme (Acme Inc.).\n',
    );
    expect(await run(['org', 'create', 'acme'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('already'),
    });
    expect((await run(['org', 'list'])).out).toBe(
      'SLUG  NAME       CELL     PEOPLE  STATE\nacme  Acme Inc.  default  0       ready\n',
    );
    expect(await run(['org', 'create', 'beta', '--cell', 'EU'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('There is no cell "EU": the settings have default. Set CELL_EU'),
    });
    const nobody = await run(['user', 'deactivate', 'acme', 'ada']);
    expect(nobody).toMatchObject({ code: 1, err: expect.stringContaining('Nobody in acme') });
  });

  test('token prints a token and nothing else', async () => {
    expect((await run(['token', 'acme', 'ada'])).out).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
  });

  test('migrate says that everything is up to date', async () => {
    expect((await run(['migrate'])).out).toBe('Everything was up to date.\n');
  });

  test('reset forgets what is ours and leaves the rest', async () => {
    await writeFile(join(folder, 'notes.txt'), 'mine');
    expect(await run(['reset', '--yes'])).toMatchObject({ code: 0 });
    const left = await readdir(folder);
    expect(left).toContain('notes.txt');
    for (const name of ['postgres', 'messages.sqlite', 'dev-signing-key']) expect(left).not.toContain(name);
    const again = await run(['reset', '--yes']);
    expect(again).toMatchObject({ code: 0, out: expect.stringContaining('nothing was changed') });
  });

  test('reset makes no folder where there was none', async () => {
    const missing = join(folder, 'never-made');
    expect(await run(['reset', '--yes'], { DATA_DIR: missing })).toMatchObject({ code: 0 });
    expect(await readdir(folder)).not.toContain('never-made');
  });
});

describe('serve into a pipe', settings, () => {
  test('stops cleanly on Ctrl-C although its reader has gone', async () => {
    const env = environment({ DATA_DIR: join(folder, 'piped') });
    const child = spawn(process.execPath, [main, 'serve'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let log = '';
    child.stderr.on('data', (chunk) => (log += chunk));
    await vi.waitFor(() => expect(log).toContain('"ready"'), { timeout: 90_000, interval: 100 });
    child.stdout.destroy();
    child.kill('SIGINT');
    const [code] = await once(child, 'exit');
    expect({ code, log }).toEqual({ code: 0, log: expect.stringContaining('"stopped"') });
    // The lock's holder is named in a file while it is held.
    expect(await readdir(join(folder, 'piped'))).not.toContain('backscroll.lock.json');
  }, 120_000);
});

describe('serve', settings, () => {
  let server: ChildProcess;
  let out = '';
  let port = 0;
  beforeAll(async () => {
    const free = createServer().listen(0, '127.0.0.1');
    await once(free, 'listening');
    port = (free.address() as { port: number }).port;
    free.close();
    server = spawn(process.execPath, [main, 'serve'], {
      env: environment({ PORT: String(port), LOG_LEVEL: 'error' }),
    });
    server.stdout?.on('data', (chunk) => (out += chunk));
    await vi.waitFor(() => expect(out).toContain('Ctrl-C'), { timeout: 90_000, interval: 100 });
  }, 120_000);
  afterAll(() => server.kill('SIGKILL'));

  test('says where it is, where its data is, and what to try', () => {
    const endpoint = `http://127.0.0.1:${port}/graphql`;
    for (const part of [endpoint, folder, `${endpoint}?as=ada`, `${endpoint}?as=grace`])
      expect(out).toContain(part);
  });

  test('the line to try works as it is', async () => {
    const line = out.split('\n').find((text) => text.trim().startsWith('curl'));
    const shell = execFile('bash', ['-c', line ?? 'false']);
    let answer = '';
    shell.stdout?.on('data', (chunk) => (answer += chunk));
    await once(shell, 'close');
    expect(JSON.parse(answer)).toMatchObject({ data: { viewer: { user: { name: 'Ada Lovelace' } } } });
  });

  test('while it runs, commands that need its folder say who has it; token asks it', async () => {
    const inUse = { code: 1, err: expect.stringContaining(`in use by process ${server.pid}, port ${port}`) };
    expect(await run(['org', 'list'])).toMatchObject(inUse);
    expect(await run(['reset', '--yes'])).toMatchObject(inUse);
    expect(await run(['serve'])).toMatchObject(inUse);
    const token = (await run(['token', 'demo', 'grace'])).out.trim();
    const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: token },
      body: '{"query":"{ viewer { user { name } } }"}',
    });
    expect(await response.json()).toEqual({ data: { viewer: { user: { name: 'Grace Hopper' } } } });
  });

  test('another one is told which port to try', async () => {
    const { code, err } = await run(['serve'], { PORT: String(port), DATA_DIR: join(folder, 'other') });
    expect(code).toBe(1);
    expect(err).toMatch(/is taken\. Try another: PORT=\d+/);
  });

  test('Ctrl-C, which npm sends a second time, stops it cleanly', async () => {
    server.kill('SIGINT');
    server.kill('SIGINT');
    const [code, signal] = await once(server, 'exit');
    expect({ code, signal }).toEqual({ code: 0, signal: null });
    expect(out).toContain('Stopping');
  });
});
