/** On a machine without the services, the tests that need them are skipped by name: no file fails to load. */
import { execFile } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const self = 'test/services.test.ts';
const files = globSync('{src,schema,loaders,test,bench,examples}/**/*.test.ts', { cwd: root }).filter(
  (file) => file !== self && readFileSync(join(root, file), 'utf8').includes('await describeWith('),
);
/** Nothing listens there. */
const absent = {
  TEST_DATABASE_URL: 'postgres://127.0.0.1:9/absent',
  TEST_REDIS_URL: 'redis://127.0.0.1:9',
  TEST_CASSANDRA_URL: '',
};

interface Report {
  readonly numTotalTests: number;
  readonly testResults: readonly { readonly name: string; readonly status: string }[];
}

async function load(required: string): Promise<Report> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'backscroll-'));
  const outputFile = join(folder.path, 'report.json');
  // Only the tests that say what is missing are run; the bodies of all suites are.
  const options = [
    'run',
    '--reporter=json',
    `--outputFile=${outputFile}`,
    '--testNamePattern=needs (postgres|redis|cassandra)',
  ];
  await promisify(execFile)(process.execPath, ['node_modules/vitest/vitest.mjs', ...options, ...files], {
    cwd: root,
    env: { ...process.env, ...absent, REQUIRE_SERVICES: required, CI: '' },
    maxBuffer: 64 * 2 ** 20,
  }).catch((error: unknown) => {
    // What failed stands in the report.
    if (!existsSync(outputFile)) throw error;
  });
  return JSON.parse(readFileSync(outputFile, 'utf8'));
}

const failedIn = ({ testResults }: Report): readonly string[] =>
  testResults.filter(({ status }) => status === 'failed').map(({ name }) => relative(root, name));

test('every file that needs a service loads without it, and its tests are skipped', {
  timeout: 240_000,
}, async () => {
  expect(files.length).toBeGreaterThan(10);
  const report = await load('');
  expect(failedIn(report)).toEqual([]);
  expect(report.numTotalTests).toBeGreaterThan(100);
});

test('where services are required, each of these files fails', { timeout: 240_000 }, async () => {
  expect([...failedIn(await load('1'))].sort()).toEqual([...files].sort());
});
