import { expect, test } from 'vitest';
import { readConfig } from './config.ts';
import { ConfigError } from './faults.ts';
import { parseRate } from './rates.ts';

test('a rate is a number in a time, or none', () => {
  expect(parseRate('100/5s')).toEqual({ most: 100, perMs: 5_000 });
  expect(parseRate('1000/m')).toEqual({ most: 1_000, perMs: 60_000 });
  expect(parseRate('20/2h')).toEqual({ most: 20, perMs: 7_200_000 });
  expect(parseRate('0')).toBeNull();
});

test.each([
  '',
  '5',
  '100/5',
  '0/5s',
  '100/0s',
  '-1/5s',
  '1.5/s',
  '100 / 5s',
  '100/5d',
  '1/25h',
  '1e3/s',
  '100/500ms',
])('%j is none', (text) => {
  expect(parseRate(text)).toBeUndefined();
});

test('each limit has a default, and those lifted lift what follows from them', () => {
  const per = (most: number) => ({ most, perMs: 5_000 });
  expect(readConfig({}).rates).toEqual({
    sendsPerUser: per(100),
    sendsPerChannel: per(5_000),
    sendsPerOrganization: per(20_000),
    changesPerUser: per(5_000),
  });
  expect(readConfig({ SEND_LIMIT_PER_USER: '0', SEND_LIMIT_PER_CHANNEL: '7/2s' }).rates).toEqual({
    sendsPerUser: null,
    sendsPerChannel: { most: 7, perMs: 2_000 },
    sendsPerOrganization: null,
    changesPerUser: null,
  });
  const set = { SEND_LIMIT_PER_USER: '0', SEND_LIMIT_PER_ORGANIZATION: '9/m', CHANGE_LIMIT_PER_USER: '3/s' };
  expect(readConfig(set).rates).toMatchObject({
    sendsPerOrganization: { most: 9, perMs: 60_000 },
    changesPerUser: { most: 3, perMs: 1_000 },
  });
  expect(readConfig({ SEND_LIMIT_PER_ORGANIZATION: '0', CHANGE_LIMIT_PER_USER: '0' }).rates).toMatchObject({
    sendsPerOrganization: null,
    changesPerUser: null,
  });
});

test('one that cannot be read is named with what is expected', () => {
  expect(() => readConfig({ SEND_LIMIT_PER_USER: 'lots' })).toThrow(ConfigError);
  expect(() => readConfig({ SEND_LIMIT_PER_USER: 'lots' })).toThrow(
    /SEND_LIMIT_PER_USER is "lots"; expected .*100\/5s/,
  );
});
