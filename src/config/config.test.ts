import { expect, test } from 'vitest';
import { readConfig, readLogLevel } from './config.ts';
import { ConfigError } from './faults.ts';
import { settingsHelp } from './help.ts';

const faultsOf = (env: Record<string, string>): ConfigError => {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('these settings were taken');
};

const production = {
  DATABASE_URL: 'postgres://chat:pw@db/chat',
  CASSANDRA_URL: 'cassandra://u:p@one:9042,two:9042/chat?dc=dc1&rf=3',
  REDIS_URL: 'redis://cache:6379',
  JWT_SECRET: 'x'.repeat(32),
};

test('an empty environment is a whole setup: embedded stores, dev sign-in, loopback', () => {
  const config = readConfig({});
  expect(config.server).toEqual({
    host: '127.0.0.1',
    port: 4000,
    corsOrigins: 'loopback',
    isProduction: false,
    trustedProxies: [],
  });
  expect(config.stores.database.kind).toBe('pglite');
  expect(config.stores).toMatchObject({ cassandra: null, redis: null });
  expect(config.stores.dataDir).toBe(`${process.cwd()}/data`);
  expect(config.auth).toEqual({ mode: 'dev', jwtSecret: null, jwksUrl: null, issuer: null, audience: null });
  expect(config.fleet).toEqual({ role: 'all', edgeUrl: null, drainMs: 0 });
  expect(config.warnings).toEqual([]);
});

test('configured services mean jwt, and no web origin may call', () => {
  const config = readConfig({
    ...production,
    HOST: '0.0.0.0',
    EDGE_URL: 'wss://chat.example.com/graphql',
    JWT_ISSUER: 'https://id',
    JWT_AUDIENCE: 'chat',
  });
  expect(config.auth).toEqual({
    mode: 'jwt',
    jwtSecret: production.JWT_SECRET,
    jwksUrl: null,
    issuer: 'https://id',
    audience: 'chat',
  });
  expect(config.server.corsOrigins).toEqual([]);
  expect(config.fleet).toEqual({ role: 'all', edgeUrl: 'wss://chat.example.com/graphql', drainMs: 10_000 });
  expect(config.stores).toMatchObject({
    database: { kind: 'postgres', url: production.DATABASE_URL },
    cassandra: { url: production.CASSANDRA_URL, allowPeriodicCommitlog: false },
    redis: { url: production.REDIS_URL },
  });
  expect(config.warnings).toEqual([]);
});

test('a variable that is empty or blank counts as unset', () => {
  expect(readConfig({ PORT: '', DATABASE_URL: ' ', AUTH_MODE: '' })).toEqual(readConfig({}));
});

test('every fault is named in one message, with what is wrong and what is expected', () => {
  const { message, faults } = faultsOf({
    PORT: '70000',
    AUTH_MODE: 'open',
    LOG_LEVEL: 'loud',
    CORS_ORIGINS: 'https://a.example, https://b.example/path',
    ALLOW_PERIODIC_COMMITLOG: 'yes',
    DATABASE_URL: 'mysql://db/chat',
    CASSANDRA_URL: 'cassandra://host:9042',
    REDIS_URL: 'nowhere',
    JWT_SECRET: 'short',
  });
  expect(faults.map((f) => f.variable).sort()).toEqual([
    'ALLOW_PERIODIC_COMMITLOG',
    'AUTH_MODE',
    'CASSANDRA_URL',
    'CORS_ORIGINS',
    'DATABASE_URL',
    'JWT_SECRET',
    'LOG_LEVEL',
    'PORT',
    'REDIS_URL',
  ]);
  expect(message).toContain('PORT is "70000"; expected a whole number from 0 to 65535.');
});

test.each([
  'https://a.example',
  'http://localhost:3000',
  'capacitor://localhost',
  'app://.',
  'tauri://localhost',
])('pages and apps that call themselves %s may be allowed to call', (origin) => {
  expect(readConfig({ CORS_ORIGINS: `https://b.example,${origin}` }).server.corsOrigins).toContain(origin);
});

test.each([
  'null',
  '*',
  'https://a.example/',
  'https://*.a.example',
  'a.example',
  'app://a/b',
  'app://',
  'data:x',
])('%s is no origin', (origin) => {
  expect(faultsOf({ CORS_ORIGINS: origin }).faults.map(({ variable }) => variable)).toEqual(['CORS_ORIGINS']);
});

test('faults of single settings and of their combination come together', () => {
  const { faults } = faultsOf({ PORT: 'abc', AUTH_MODE: 'dev', HOST: '0.0.0.0' });
  expect(faults.map((f) => f.variable)).toEqual(['PORT', 'HOST']);
});

test.each(['Chat', 'chatA', 'system', 'system_auth', '1chat', 'a'.repeat(49)])(
  'a keyspace that its store would refuse is a fault among the others: %s',
  (keyspace) => {
    const CASSANDRA_URL = `cassandra://one,two:9042/${keyspace}?dc=dc1`;
    expect(faultsOf({ PORT: 'abc', CASSANDRA_URL }).faults.map((f) => f.variable)).toEqual([
      'PORT',
      'CASSANDRA_URL',
    ]);
  },
);

test.each(['c', 'chat_eu2', 'sys', 'a'.repeat(48)])('a keyspace that its store takes: %s', (keyspace) => {
  const CASSANDRA_URL = `cassandra://One,two:9042/${keyspace}?dc=Dc1`;
  expect(readConfig({ ...production, CASSANDRA_URL }).stores.cassandra?.url).toBe(CASSANDRA_URL);
});

test('secrets and addresses with passwords are never echoed', () => {
  const { message } = faultsOf({
    JWT_SECRET: 'hush-hush',
    DATABASE_URL: 'mysql://root:hush-hush@db/chat',
    CASSANDRA_URL: 'cassandra://u:hush-hush@host',
    REDIS_URL: 'http://:hush-hush@cache',
  });
  expect(message).not.toContain('hush');
});

test('dev mode never listens to other machines', () => {
  for (const HOST of ['0.0.0.0', '::', '192.168.1.7', 'chat.example.com', '127.0.0.1.example.com']) {
    expect(faultsOf({ HOST }).faults[0]).toMatchObject({ variable: 'HOST' });
  }
  for (const HOST of ['127.0.0.1', '127.8.9.10', 'localhost', '::1']) {
    expect(readConfig({ HOST }).server.host).toBe(HOST);
  }
});

test('jwt mode needs its secret', () => {
  expect(faultsOf({ AUTH_MODE: 'jwt' }).faults.map((f) => f.variable)).toEqual(['JWT_SECRET']);
  expect(faultsOf({ ...production, JWT_SECRET: '' }).faults.map((f) => f.variable)).toEqual(['JWT_SECRET']);
});

test('or the keys of an identity provider, which are to be its own and for this program', () => {
  const { JWT_SECRET: _, ...rest } = production;
  const JWKS_URL = 'https://id.example.com/jwks.json';
  const named = { JWT_ISSUER: 'https://id.example.com', JWT_AUDIENCE: 'chat' };
  const { auth, warnings } = readConfig({ ...rest, ...named, JWKS_URL });
  expect(auth).toMatchObject({ mode: 'jwt', jwtSecret: null, jwksUrl: JWKS_URL });
  expect(warnings).toEqual([]);
  expect(readConfig({ ...rest, JWKS_URL }).warnings).toEqual([expect.stringContaining('other programs')]);
  const plain = readConfig({ ...rest, ...named, JWKS_URL: 'http://id.example.com/jwks.json' });
  expect(plain.warnings).toEqual([expect.stringContaining('over http')]);
  expect(readConfig({ ...rest, ...named, JWKS_URL: 'http://127.0.0.1:1/jwks.json' }).warnings).toEqual([]);
  for (const bad of ['keys', 'file:///etc/keys.json', 'id.example.com/keys']) {
    expect(faultsOf({ ...rest, JWKS_URL: bad }).faults.map((f) => f.variable)).toContain('JWKS_URL');
  }
});

test('a Redis for replicas that would each keep their own data is refused', () => {
  const { JWT_SECRET, REDIS_URL, DATABASE_URL } = production;
  expect(faultsOf({ JWT_SECRET, REDIS_URL }).faults[0]?.variable).toBe('DATABASE_URL and CASSANDRA_URL');
  expect(faultsOf({ JWT_SECRET, REDIS_URL, DATABASE_URL }).faults[0]?.variable).toBe('CASSANDRA_URL');
});

test('half a production setup is warned of in plain words', () => {
  const { REDIS_URL: _, ...noRedis } = production;
  const { DATABASE_URL: __, ...noDatabase } = noRedis;
  const { CASSANDRA_URL: ___, ...noCassandra } = noRedis;
  expect(readConfig(noRedis).warnings).toEqual([expect.stringContaining('one replica only')]);
  expect(readConfig(noDatabase).warnings).toEqual([expect.stringContaining('Losing that folder')]);
  expect(readConfig(noCassandra).warnings).toEqual([expect.stringContaining('Run one replica')]);
  expect(readConfig({ NODE_ENV: 'production' }).warnings).toEqual([expect.stringContaining('AUTH_MODE=dev')]);
});

test('the help names every setting with its default', () => {
  const help = settingsHelp();
  for (const name of [
    'HOST',
    'PORT',
    'DATA_DIR',
    'DATABASE_URL',
    'CASSANDRA_URL',
    'REDIS_URL',
    'AUTH_MODE',
    'LOG_LEVEL',
  ]) {
    expect(help).toMatch(new RegExp(`^  ${name} .+\n +default: .+$`, 'm'));
  }
});

test('the log level is known before the rest is checked', () => {
  expect(readLogLevel({ LOG_LEVEL: 'warn', PORT: 'abc' })).toBe('warn');
  expect(readLogLevel({ LOG_LEVEL: 'loud' })).toBe('info');
});

test('an edge says where clients reach it, and nothing that is secret', () => {
  for (const url of [
    'https://chat.example.com/graphql',
    'wss://user:pw@chat.example.com/graphql',
    'wss://chat.example.com/graphql#top',
    'chat.example.com',
  ]) {
    expect(faultsOf({ EDGE_URL: url }).faults.map((f) => f.variable)).toEqual(['EDGE_URL']);
  }
  const everywhere = readConfig({ ...production, HOST: '0.0.0.0' });
  expect(everywhere.warnings.join()).toMatch(/EDGE_URL is not set/);
  expect(readConfig({ ...production, HOST: '0.0.0.0', ROLE: 'api' }).warnings).toEqual([]);
  expect(readConfig({ ...production, HOST: '10.0.0.7' }).warnings).toEqual([]);
});

test('a role is one of three, and of no use alone', () => {
  expect(faultsOf({ ROLE: 'both' }).faults.map((f) => f.variable)).toEqual(['ROLE']);
  expect(readConfig({ ...production, ROLE: 'edge' }).fleet.role).toBe('edge');
  expect(readConfig({ ROLE: 'api' }).warnings.join()).toMatch(/nobody takes the WebSockets/);
});

test('a drain takes from no time to an hour', () => {
  expect(readConfig({ DRAIN_SECONDS: '25' }).fleet.drainMs).toBe(25_000);
  for (const seconds of ['-1', '1.5', '3601', '10s']) {
    expect(faultsOf({ DRAIN_SECONDS: seconds }).faults.map((f) => f.variable)).toEqual(['DRAIN_SECONDS']);
  }
});
