/**
 * Three groups, one after the other: tests within a process run in parallel; those that start whole servers
 * (`test/`, `*.process.test.ts`) two files at a time, since each of them waits for its processes as often as for the
 * processor; what kills, pauses or restarts a service (`*.outage.test.ts`) last, one file at a time.
 */
import { createRequire } from 'node:module';
import { defineConfig } from 'vitest/config';

/** Long: on a busy machine an embedded Postgres alone takes ten times as long to start. */
const shared = {
  environment: 'node',
  testTimeout: 60_000,
  hookTimeout: 120_000,
  setupFiles: ['test/patience.ts'],
  expect: { poll: { timeout: 20_000 } },
};
const wholeServers = ['test/**/*.test.ts', '**/*.process.test.ts'];
const ignored = ['**/node_modules/**', '**/dist/**', '**/.services/**'];

/**
 * One graphql for all: Node takes its `main`, Vite would take its `module`, and graphql knows an error or a schema
 * of another copy of itself for neither.
 */
const resolve = {
  alias: [{ find: /^graphql$/, replacement: createRequire(import.meta.url).resolve('graphql') }],
};

export default defineConfig({
  test: {
    projects: [
      {
        resolve,
        test: {
          ...shared,
          name: 'parallel',
          include: ['**/*.test.ts'],
          exclude: [...ignored, ...wholeServers, '**/*.outage.test.ts'],
          sequence: { groupOrder: 0 },
        },
      },
      {
        resolve,
        test: {
          ...shared,
          name: 'servers',
          include: wholeServers,
          exclude: [...ignored, '**/*.outage.test.ts'],
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        resolve,
        test: {
          ...shared,
          name: 'outage',
          include: ['**/*.outage.test.ts'],
          exclude: ignored,
          testTimeout: 240_000,
          hookTimeout: 120_000,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
