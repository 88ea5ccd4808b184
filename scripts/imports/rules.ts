/**
 * Who may import whom. Data flows one way: transports → schema → resolvers → loaders → domain ← adapters. A part may
 * import itself and the parts listed for it, nothing else of this project; a new folder needs a line here first.
 * Tests, contract suites and everything outside these folders are free.
 */

/** What the composition root puts together. */
const root = [
  'src/chat',
  'src/config',
  'src/stores',
  'src/realtime',
  'src/import',
  'src/demo',
  'src/auth',
  'loaders',
  'resolvers',
  'schema',
  'src/operation',
  'src/edge',
  'src/http',
  'src/telemetry',
];

/** Folder or file → the parts it may import. The longest match names a file's part. */
export const parts: Readonly<Record<string, readonly string[]>> = {
  'src/chat': [],
  'src/config': ['src/chat'],
  'src/stores': ['src/chat'],
  'src/realtime': ['src/chat'],
  'src/import': ['src/chat'],
  'src/demo': ['src/chat'],
  'src/auth': ['src/chat', 'src/config'],
  loaders: ['src/chat'],
  resolvers: ['src/chat', 'loaders'],
  schema: ['src/chat', 'loaders', 'resolvers'],
  'src/operation': ['src/chat', 'src/config', 'src/auth', 'loaders', 'resolvers', 'schema'],
  'src/edge': ['src/chat', 'src/config', 'src/auth', 'src/operation', 'loaders', 'resolvers', 'schema'],
  'src/http': [
    'src/chat',
    'src/config',
    'src/auth',
    'src/demo',
    'src/operation',
    'src/edge',
    'src/telemetry',
    'loaders',
    'resolvers',
    'schema',
  ],
  // Looks at what the others do, through their ports; none of them knows of it.
  'src/telemetry': ['src/chat', 'src/config', 'src/realtime', 'src/operation', 'package.json'],
  'src/cli': [
    'src/chat',
    'src/config',
    'src/auth',
    'src/import',
    'src/demo',
    'src/app.ts',
    'src/app',
    'package.json',
  ],
  // Its version, for the command line and for traces.
  'package.json': [],
  'src/app.ts': ['src/app', ...root],
  // The root's own files: what it opens, one thing each.
  'src/app': root,
};

/** What speaks to a store or to the bus: for adapters alone. */
const drivers =
  /^(?:cassandra-driver|pg|kysely|ioredis|graphql-redis-subscriptions|@electric-sql\/pglite|node:sqlite)(?:\/|$)/;

/** Says why a part may not import a package or a built-in module; null when it may. */
export function packageFault(part: string, name: string): string | null {
  if (part === 'src/chat' && !name.startsWith('node:')) return 'the domain imports no package';
  if (drivers.test(name) && part !== 'src/stores' && part !== 'src/realtime') {
    return 'only src/stores and src/realtime speak to stores and the bus';
  }
  return null;
}

/** The part whose files alone read the environment. */
export const readsEnvironment = 'src/config';
