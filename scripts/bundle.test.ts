/** What `npm run build` makes: nothing is loaded before it is needed, and what is in it may be passed on. */
import { isBuiltin } from 'node:module';
import { type OutputAsset, type OutputChunk, rolldown } from 'rolldown';
import { beforeAll, expect, test } from 'vitest';
import config from '../rolldown.config.ts';
import { outsidePackages } from './outside-packages.ts';

let chunks: ReadonlyMap<string, OutputChunk>;
let assets: readonly OutputAsset[];

beforeAll(async () => {
  if (Array.isArray(config) || typeof config !== 'object') throw new Error('one bundle is configured');
  await using bundle = await rolldown({ ...config, logLevel: 'silent' });
  const { output } = await bundle.generate({ format: 'esm', entryFileNames: '[name].js' });
  chunks = new Map(output.flatMap((one) => (one.type === 'chunk' ? [[one.fileName, one]] : [])));
  assets = output.filter((one) => one.type === 'asset');
}, 60_000);

const withModule = (end: string): OutputChunk => {
  const found = chunks.values().find(({ moduleIds }) => moduleIds.some((id) => id.endsWith(end)));
  if (found === undefined) throw new Error(`${end} is in no chunk`);
  return found;
};

/** `@scope/name` of `@scope/name/part`. */
const packageOf = (name: string): string => name.split('/', name.startsWith('@') ? 2 : 1).join('/');

/** The chunks and packages that are loaded with these. */
function loadedWith(...first: readonly OutputChunk[]): {
  readonly modules: string[];
  readonly outside: string[];
} {
  const reached = new Set(first);
  const outside: string[] = [];
  for (const { imports } of reached) {
    for (const name of imports) {
      const chunk = chunks.get(name);
      if (chunk === undefined) outside.push(name);
      else reached.add(chunk);
    }
  }
  return { modules: [...reached].flatMap(({ moduleIds }) => moduleIds), outside };
}

test('a server that keeps all in Postgres and Redis loads what it needs, and no more', () => {
  const { modules, outside } = loadedWith(withModule('/src/cli/main.ts'), withModule('/src/app.ts'));
  expect(modules.some((id) => id.endsWith('/src/edge/edge.ts'))).toBe(true);
  const rare = [
    'graphql-yoga',
    '@electric-sql',
    'cassandra-driver',
    'render-graphiql',
    '@opentelemetry/sdk-trace',
  ];
  for (const name of rare) {
    expect(modules.filter((id) => id.includes(`/node_modules/${name}/`))).toEqual([]);
    expect(outside.filter((from) => from.includes(name))).toEqual([]);
  }
});

test('the thread of the embedded log loads neither the server nor GraphQL', () => {
  const { modules } = loadedWith(withModule('/src/stores/sqlite/worker.ts'));
  expect(modules.filter((id) => id.includes('/node_modules/') || id.includes('/src/edge/'))).toEqual([]);
});

test('what it imports by name is of Node, or of a package that the image keeps', async () => {
  const kept = await outsidePackages();
  const outside = [...chunks.values()]
    .flatMap(({ imports, dynamicImports }) => [...imports, ...dynamicImports])
    .filter((name) => !chunks.has(name) && !isBuiltin(name));
  expect(outside.filter((name) => !kept.has(packageOf(name)))).toEqual([]);
  expect(new Set(outside.map(packageOf))).toEqual(
    new Set(['@electric-sql/pglite', '@graphql-yoga/render-graphiql', 'cassandra-driver']),
  );
  // What those need in turn.
  expect(kept).toContain('long');
  expect(kept).not.toContain('graphql');
});

test('the licences of all that is in it lie beside it', () => {
  const licences = String(assets.find(({ fileName }) => fileName.startsWith('THIRD-PARTY'))?.source);
  for (const name of ['graphql 16', 'ioredis 6', '@pothos/core 4', 'zod 4'])
    expect(licences).toContain(`\n${name}.`);
  expect(licences).toContain('Permission is hereby granted');
  expect(licences).not.toContain('undefined');
});
