import { expect, test } from 'vitest';
import { readConfig } from './config.ts';
import { ConfigError } from './faults.ts';
import { settingsHelp } from './help.ts';

const base = {
  DATABASE_URL: 'postgres://chat:pw@db/chat',
  CASSANDRA_URL: 'cassandra://u:p@one:9042,two:9042/chat?dc=dc1&rf=3',
  REDIS_URL: 'redis://cache:6379',
  JWT_SECRET: 'x'.repeat(32),
};

const faultsOf = (env: Record<string, string>): ConfigError => {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('these settings were taken');
};

test('each CELL_ is a cell of that name, in lower case, beside the one called default', () => {
  const CELL_EU = 'cassandra://u:p@one/chat_eu?dc=dc1';
  const CELL_US_2 = 'cassandra://three/chat?dc=dc2';
  const { stores, warnings } = readConfig({ ...base, CELL_US_2, CELL_EU, CELL_OFF: '' });
  expect(stores.cells).toEqual([
    { name: 'eu', url: CELL_EU, allowPeriodicCommitlog: false },
    { name: 'us_2', url: CELL_US_2, allowPeriodicCommitlog: false },
  ]);
  expect(stores.cassandra?.url).toBe(base.CASSANDRA_URL);
  expect(warnings).toEqual([]);
  expect(readConfig(base).stores.cells).toEqual([]);
});

test('a cell is a service: tokens are asked for, and embedded people are doubted', () => {
  const CELL_EU = 'cassandra://one/chat?dc=dc1';
  expect(faultsOf({ CELL_EU }).faults.map(({ variable }) => variable)).toEqual(['JWT_SECRET']);
  const { JWT_SECRET } = base;
  expect(readConfig({ CELL_EU, JWT_SECRET }).warnings).toContainEqual(
    expect.stringContaining('Losing that folder'),
  );
});

test.each([
  ['CELL_EU', 'cassandra://u:hush@one', 'expected an address such as'],
  ['CELL_EU', 'postgres://u:hush@one/x', 'expected an address such as'],
  ['CELL_EU', 'cassandra://u:hush@one/System?dc=dc1', 'expected an address such as'],
  ['CELL_', 'cassandra://u:hush@one/x?dc=dc1', 'has no name'],
  ['CELL_A-B', 'cassandra://u:hush@one/x?dc=dc1', 'has no name'],
  ['CELL_DEFAULT', 'cassandra://u:hush@one/x?dc=dc1', 'is CASSANDRA_URL'],
  ['CELL_EU', 'cassandra://u:hush@three,TWO/chat?dc=dc1', 'same keyspace as CASSANDRA_URL'],
])('%s=%s is a fault among the others, without its value', (variable, value, expected) => {
  const { faults, message } = faultsOf({ ...base, PORT: 'abc', [variable]: value });
  expect(faults.map((fault) => fault.variable)).toEqual(['PORT', variable]);
  expect(faults[1]?.problem).toContain(expected);
  expect(message).not.toContain('hush');
});

test('two cells are not one keyspace, and not one name', () => {
  const one = 'cassandra://a:9142,b:9142/chat?dc=dc1';
  expect(faultsOf({ ...base, CELL_A: one, CELL_B: 'cassandra://b:9142/chat?dc=dc1' }).faults).toEqual([
    { variable: 'CELL_B', problem: expect.stringContaining('same keyspace as CELL_A') },
  ]);
  expect(faultsOf({ ...base, CELL_A: one, CELL_a: 'cassandra://c/chat?dc=dc1' }).faults).toEqual([
    { variable: 'CELL_a', problem: expect.stringContaining('same cell as CELL_A') },
  ]);
  // Another port is another Cassandra.
  expect(readConfig({ ...base, CELL_A: one, CELL_B: 'cassandra://b/chat?dc=dc1' }).stores.cells).toHaveLength(
    2,
  );
});

test('the help tells of them', () => {
  expect(settingsHelp()).toMatch(/^ {2}CELL_<NAME> .+\n +default: .+$/m);
});
