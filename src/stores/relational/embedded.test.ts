/** The embedded database beyond the contract: what it keeps through kill -9, and that its one connection is shared well. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { silentLogger } from '../../chat/logger.ts';
import { freshTenant } from '../../chat/people/testing/tenant.ts';
import { openRelational } from './open.ts';

// Each opens a new folder, which takes some seconds of CPU alone and many beside other suites.
vi.setConfig({ testTimeout: 120_000 });

let dataDir = '';
let child: ChildProcess | null = null;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'backscroll-embedded-'));
});
afterEach(async () => {
  child?.kill('SIGKILL');
  child = null;
  await rm(dataDir, { recursive: true, force: true });
});

test('a folder whose making was cut short is made anew; what was answered before kill -9 is there afterwards', async () => {
  // As after a kill just before the last files: PGlite would take it for whole, and could never open it.
  await mkdir(join(dataDir, 'postgres'));
  await writeFile(join(dataDir, 'postgres', 'PG_VERSION'), '18\n');
  await writeFile(join(dataDir, 'postgres.incomplete'), '');
  const url = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);
  const script = `
    import { openRelational } from ${url('./open.ts')};
    import { silentLogger } from ${url('../../chat/logger.ts')};
    const store = await openRelational({ kind: 'pglite', dataDir: process.argv[1] }, silentLogger);
    await store.migrate();
    for (let i = 0; ; i++) {
      const made = await store.organizations.create({ slug: 's' + i, name: 'N', cell: 'default' });
      process.stdout.write(made.slug + '\\n');
    }`;
  const writer = spawn(process.execPath, ['--input-type=module', '-e', script, dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child = writer;
  const exited = once(writer, 'exit');
  const answered: string[] = [];
  for await (const slug of createInterface(writer.stdout)) {
    answered.push(slug);
    if (answered.length === 200) writer.kill('SIGKILL');
  }
  await exited;
  expect(answered.length).toBeGreaterThanOrEqual(200);
  expect(await readdir(dataDir)).toEqual(['postgres']);

  const store = await openRelational({ kind: 'pglite', dataDir }, silentLogger);
  try {
    const slugs = new Set((await store.organizations.list()).map((one) => one.slug));
    expect(answered.filter((slug) => !slugs.has(slug))).toEqual([]);
    expect(await store.pendingMigrations()).toEqual([]);
  } finally {
    await store.close();
  }
});

test('reopens with what it held; a failed transaction beside others takes none of their rows along', async () => {
  const store = await openRelational({ kind: 'pglite', dataDir }, silentLogger);
  await store.migrate();
  const { organizationId } = await freshTenant(store, 0);
  const made = await Promise.allSettled(
    Array.from({ length: 30 }, (_, i) =>
      // A handle that the database refuses: its transaction is rolled back.
      store.users.provision({
        organizationId,
        subject: `${i}`,
        handle: i % 3 ? `h${i}` : 'NOT ONE',
        name: '',
      }),
    ),
  );
  expect(made.filter((one) => one.status === 'rejected')).toHaveLength(10);
  await store.close();
  await expect(store.ping()).rejects.toMatchObject({ code: 'UNAVAILABLE' });

  const again = await openRelational({ kind: 'pglite', dataDir }, silentLogger);
  try {
    const page = await again.users.page(organizationId, { limit: 100, backward: false });
    expect(page.items).toHaveLength(20);
  } finally {
    await again.close();
  }
});

test('a folder that cannot be one is told with its path and what to do', async () => {
  await writeFile(join(dataDir, 'postgres'), 'a file');
  await expect(openRelational({ kind: 'pglite', dataDir }, silentLogger)).rejects.toThrow(dataDir);
});

test('a folder that has lost its PG_VERSION is refused: PGlite would begin anew over what it holds', async () => {
  await mkdir(join(dataDir, 'postgres', 'base'), { recursive: true });
  await expect(openRelational({ kind: 'pglite', dataDir }, silentLogger)).rejects.toThrow(
    /cannot be opened: ENOENT.*PG_VERSION/,
  );
  expect(await readdir(join(dataDir, 'postgres'))).toEqual(['base']);
});
