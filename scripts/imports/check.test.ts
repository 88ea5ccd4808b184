import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkImports } from './check.ts';

let root = '';

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'imports-'));
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

function plant(file: string, source: string): void {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), source);
}

describe('a planted violation is found', () => {
  test.each([
    ['the domain importing an adapter', 'src/chat/a.ts', `import { x } from '../stores/sqlite/x.ts';`],
    ['the domain importing only a type', 'src/chat/a.ts', `import type { X } from '../../loaders/x.ts';`],
    ['the domain importing GraphQL', 'src/chat/a.ts', `import { GraphQLError } from 'graphql';`],
    ['an import over several lines', 'src/chat/deep/a.ts', `import {\n  x,\n  y,\n} from '../../app.ts';`],
    ['an import for its effect', 'src/chat/a.ts', `import '../config/config.ts';`],
    ['an export from elsewhere', 'src/chat/a.ts', `export * from '../config/config.ts';`],
    ['a dynamic import', 'src/chat/a.ts', `const x = await import('../config/config.ts');`],
    ['a type named by import()', 'src/chat/a.ts', `let x: import('../config/config.ts').Config;`],
    ['a store importing the config', 'src/stores/a.ts', `import { x } from '../config/config.ts';`],
    ['a store importing the bus', 'src/stores/a.ts', `import { x } from '../realtime/bus.ts';`],
    ['the bus importing a store', 'src/realtime/a.ts', `import { x } from '../stores/x.ts';`],
    ['a loader importing a resolver', 'loaders/a.ts', `import { x } from '../resolvers/x.ts';`],
    ['a resolver importing the schema', 'resolvers/a.ts', `import { x } from '../schema/builder.ts';`],
    ['a resolver importing a store', 'resolvers/a.ts', `import { x } from '../src/stores/x.ts';`],
    ['a resolver importing a driver', 'resolvers/a.ts', `import { Client } from 'cassandra-driver';`],
    ['a resolver importing a part of a driver', 'resolvers/a.ts', `import { x } from 'kysely/migration';`],
    ['the schema importing a transport', 'schema/a.ts', `import { x } from '../src/http/x.ts';`],
    ['a transport importing an adapter', 'src/http/a.ts', `import { x } from '../realtime/redis/bus.ts';`],
    ['an edge importing the root', 'src/edge/a.ts', `import { x } from '../app.ts';`],
    [
      'the command line importing an adapter',
      'src/cli/a.ts',
      `import { x } from '../stores/cassandra/x.ts';`,
    ],
    ['the environment read in the domain', 'src/chat/a.ts', `const x = process.env.HOME;`],
    ['the environment read in the root', 'src/app.ts', `const { HOME } = process.env;`],
    ['the environment imported', 'resolvers/a.ts', `import { env } from 'node:process';`],
    ['the environment read by index', 'schema/a.ts', `const x = process['env'];`],
    ['the program importing a test', 'src/http/a.ts', `import { x } from './x.contract.ts';`],
    ['the program importing test/', 'src/http/a.ts', `import { x } from '../../test/services.ts';`],
    ['a folder without a rule', 'src/utils/a.ts', `export const x = 1;`],
  ])('%s', (_, file, source) => {
    plant(file, `${source}\n`);
    const report = checkImports(root);
    expect(report.filesRead).toBe(1);
    expect(report.faults).toHaveLength(1);
    expect(report.faults[0]).toMatch(new RegExp(`^${file}: `));
  });
});

test('what the rules allow passes', () => {
  plant(
    'src/chat/a.ts',
    `// import { x } from '../stores/x.ts'; process.env\nimport { b } from './log/b.ts';\n`,
  );
  plant('src/chat/log/b.ts', `import { randomUUID } from 'node:crypto';\nexport { c } from '../c.ts';\n`);
  plant('src/stores/sqlite/a.ts', `import { DatabaseSync } from 'node:sqlite';\nimport '../../chat/a.ts';\n`);
  plant('src/config/a.ts', `export const read = (env = process.env) => env;\n`);
  plant(
    'resolvers/a.ts',
    `import type { Loaders } from '../loaders/loaders.ts';\nimport '../src/chat/a.ts';\n`,
  );
  plant('src/app.ts', `import '../schema/index.ts';\nimport './stores/a.ts';\nimport './http/a.ts';\n`);
  plant('src/cli/main.ts', `import { startApp } from '../app.ts';\nimport { Command } from 'commander';\n`);
  expect(checkImports(root)).toEqual({ filesRead: 7, faults: [] });
});

test('tests and contract suites are free', () => {
  plant('src/chat/a.test.ts', `import { x } from '../../test/services.ts';\nprocess.env.X = '1';\n`);
  plant('src/chat/a.contract.ts', `import { test } from 'vitest';\n`);
  expect(checkImports(root)).toEqual({ filesRead: 0, faults: [] });
});

describe('the command', () => {
  const run = () => spawnSync(process.execPath, ['scripts/check-imports.ts', root], { encoding: 'utf8' });

  test('fails for a violation and names it', () => {
    plant('src/chat/a.ts', `import { x } from '../app.ts';\n`);
    const { status, stderr } = run();
    expect(status).toBe(1);
    expect(stderr).toContain("src/chat/a.ts: '../app.ts': src/chat may not import src/app.ts");
  });

  test('fails when it reads nothing', () => {
    const { status, stdout } = run();
    expect(status).toBe(1);
    expect(stdout).toContain('0 files read');
  });

  test('passes for what is allowed', () => {
    plant('src/chat/a.ts', 'export const x = 1;\n');
    expect(run().status).toBe(0);
  });
});
