/**
 * `npm run build`: the program as one file for each thread, and some more for what is rarely needed (each `import()`).
 * The sources run without it. But what runs for months is better built: every module and every type that Node strips
 * by itself stays in memory, a third of what a server holds with nobody connected, and half of its start.
 * Names and lines stay as they are, so that a stack tells something.
 */
import { defineConfig } from 'rolldown';
import { bundledLicenses } from './scripts/bundled-licenses.ts';

/** Files of their own beside them, or found at run time: loaded as they were installed, and only when they are used. */
export const LEFT_OUT = [
  /^node:/,
  '@electric-sql/pglite',
  /^@graphql-yoga\/render-graphiql/,
  'cassandra-driver',
  'pg-native',
];

export default defineConfig({
  // The worker is looked for beside the file that starts it.
  input: { main: 'src/cli/main.ts', worker: 'src/stores/sqlite/worker.ts' },
  platform: 'node',
  external: LEFT_OUT,
  plugins: [bundledLicenses()],
  output: {
    dir: 'dist/src/cli',
    cleanDir: true,
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: '[name]-[hash].js',
    comments: false,
  },
});
