/**
 * Two groups, one after the other: everything that leaves its neighbours alone runs in parallel; what kills,
 * pauses or restarts a service (`*.outage.test.ts`) runs afterwards, one file at a time.
 */
import { defineConfig } from 'vitest/config';

const shared = { environment: 'node', testTimeout: 30_000, hookTimeout: 60_000 } as const;
const ignored = ['**/node_modules/**', '**/dist/**', '**/.services/**'];

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...shared,
          name: 'parallel',
          include: ['**/*.test.ts'],
          exclude: [...ignored, '**/*.outage.test.ts'],
          sequence: { groupOrder: 0 },
        },
      },
      {
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
