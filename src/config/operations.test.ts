import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { limits } from '../chat/limits.ts';
import { readConfig } from './config.ts';
import { ConfigError } from './faults.ts';
import { settingsHelp } from './help.ts';

const faulty = (env: Record<string, string>): readonly string[] => {
  try {
    readConfig(env);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.faults.map(({ variable }) => variable);
    throw error;
  }
};

test('limits of operations are the usual ones, or what an operator says', () => {
  expect(readConfig({}).operations).toEqual({ limits: limits.operation, persistedDocuments: null });
  const { operations } = readConfig({
    QUERY_MAX_COST: '5000',
    QUERY_MAX_DEPTH: '9',
    QUERY_MAX_ALIASES: '3',
    QUERY_MAX_DIRECTIVES: '4',
    QUERY_MAX_TOKENS: '800',
    PERSISTED_DOCUMENTS: 'documents.json',
  });
  expect(operations).toEqual({
    limits: { cost: 5_000, depth: 9, aliases: 3, directives: 4, tokens: 800 },
    persistedDocuments: resolve('documents.json'),
  });
});

test.each(['0', '-1', '1.5', '1e3', 'many', '9999999999'])(
  'a limit is a whole number: %s is none',
  (text) => {
    for (const name of ['COST', 'DEPTH', 'ALIASES', 'DIRECTIVES', 'TOKENS']) {
      expect(faulty({ [`QUERY_MAX_${name}`]: text })).toEqual([`QUERY_MAX_${name}`]);
    }
  },
);

test('proxies are trusted by their addresses, and none by default', () => {
  expect(readConfig({}).server.trustedProxies).toEqual([]);
  const networks = ['10.0.0.0/8', '192.168.1.7', '::1', 'fd00::/8'];
  expect(readConfig({ TRUSTED_PROXIES: networks.join(', ') }).server.trustedProxies).toEqual(networks);
  for (const text of [
    'proxy.example.com',
    '10.0.0.0/33',
    '10.0.0/8',
    'fd00::/129',
    '10.0.0.0/8/8',
    '*',
    'true',
  ]) {
    expect({ text, faults: faulty({ TRUSTED_PROXIES: text }) }).toEqual({
      text,
      faults: ['TRUSTED_PROXIES'],
    });
  }
});

test('the help names them', () => {
  const help = settingsHelp();
  for (const name of ['PERSISTED_DOCUMENTS', 'QUERY_MAX_COST', 'QUERY_MAX_DEPTH', 'TRUSTED_PROXIES']) {
    expect(help).toMatch(new RegExp(`^  ${name} .+\n +default: .+$`, 'm'));
  }
});
