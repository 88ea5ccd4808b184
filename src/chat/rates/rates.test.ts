import { expect, test } from 'vitest';
import { ChatError } from '../errors.ts';
import { viewerOf } from '../testing/replica.ts';
import { createRates, type RateLimits } from './rates.ts';

const per = (most: number) => ({ most, perMs: 5_000 });
const none: RateLimits = {
  sendsPerUser: null,
  sendsPerChannel: null,
  sendsPerOrganization: null,
  changesPerUser: null,
};
const begun = (limits: Partial<RateLimits>) => {
  const rates = createRates({ limits: { ...none, ...limits }, shared: null, now: () => 0 });
  rates.begin();
  return rates;
};
const ada = viewerOf('o', 'ada');
const general = { organizationId: 'o', channelId: 'general' };
/** How often it may be done, up to 20 times. */
function times(what: () => void): number {
  for (let i = 0; i < 20; i += 1) {
    try {
      what();
    } catch (error) {
      expect(error).toMatchObject({ name: 'ChatError', code: 'RATE_LIMITED', retryAfterMs: 5_000 });
      expect(error instanceof ChatError && error.retryable).toBe(true);
      return i;
    }
  }
  return 20;
}

test('without limits everything goes', () => {
  const rates = begun({});
  expect(times(() => rates.send(ada))).toBe(20);
  expect(times(() => rates.sendTo(general))).toBe(20);
  expect(times(() => rates.change(ada))).toBe(20);
});

test('what is written before it begins is not counted', () => {
  const rates = createRates({
    limits: {
      sendsPerUser: per(3),
      sendsPerChannel: per(3),
      sendsPerOrganization: per(3),
      changesPerUser: per(3),
    },
    shared: null,
    now: () => 0,
  });
  for (let i = 0; i < 20; i += 1) {
    rates.send(ada);
    rates.sendTo(general);
    rates.change(ada);
  }
  rates.begin();
  expect(times(() => rates.send(ada))).toBe(3);
  expect(times(() => rates.sendTo(general))).toBe(3);
  expect(times(() => rates.change(ada))).toBe(3);
});

test('people are limited apart, also those of the same id in another organization', () => {
  const rates = begun({ sendsPerUser: per(4), changesPerUser: per(2) });
  expect(times(() => rates.send(ada))).toBe(4);
  expect(times(() => rates.send(viewerOf('o', 'grace')))).toBe(4);
  expect(times(() => rates.send(viewerOf('p', 'ada')))).toBe(4);
  // Changes are not sends.
  expect(times(() => rates.change(ada))).toBe(2);
  expect(times(() => rates.change(viewerOf('p', 'ada')))).toBe(2);
});

test('a channel that is full leaves other channels, and takes nothing from the organization', () => {
  const rates = begun({ sendsPerChannel: per(3), sendsPerOrganization: per(8) });
  expect(times(() => rates.sendTo(general))).toBe(3);
  expect(times(() => rates.sendTo(general))).toBe(0);
  expect(times(() => rates.sendTo({ ...general, channelId: 'random' }))).toBe(3);
  expect(times(() => rates.sendTo({ ...general, channelId: 'help' }))).toBe(2);
  expect(times(() => rates.sendTo({ ...general, organizationId: 'p' }))).toBe(3);
});

test('limits of all replicas are counted by their names', async () => {
  const told: string[] = [];
  const shared = {
    counts: (name: string) => ({
      add: async (key: string, taken: number) => {
        told.push(`${name} ${key} ${taken}`);
        return { count: taken, leftMs: 1_000 };
      },
    }),
    close: async () => undefined,
  };
  const limits = {
    sendsPerUser: per(1),
    sendsPerChannel: per(1),
    sendsPerOrganization: per(1),
    changesPerUser: per(1),
  };
  const rates = createRates({ limits, shared, now: () => 0 });
  rates.begin();
  rates.send(ada);
  rates.sendTo(general);
  rates.change(ada);
  expect(told).toEqual(['user o/ada 1', 'channel o/general 1', 'organization o 1', 'changes o/ada 1']);
});
