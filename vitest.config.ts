/**
 * Two groups, one after the other: everything that leaves its neighbours alone runs in parallel; what kills,
 * pauses or restarts a service (`*.outage.test.ts`) runs afterwards, one file at a time.
 */
import { createRequire } from 'node:module';
import { defineConfig } from 'vitest/config';

const shared = { environment: 'node', testTimeout: 30_000, hookTimeout: 60_000 } as const;
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
          exclude: [...ignored, '**/*.outage.test.ts'],
          sequence: { groupOrder: 0 },
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
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
