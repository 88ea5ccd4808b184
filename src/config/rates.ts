/** How much may be written, by whom and where. */
import { z } from 'zod';
import type { RateLimit } from '../chat/rates/port.ts';
import type { RateLimits } from '../chat/rates/rates.ts';
import { setting } from './setting.ts';

const FORM = /^([1-9]\d{0,8})\/([1-9]\d{0,4})?(s|m|h)$/;
const SECONDS = { s: 1, m: 60, h: 3_600 } as const;
const DAY_SECONDS = 86_400;

/** `100/5s`, `1000/m`, and `0` for none; undefined for anything else. */
export function parseRate(text: string): RateLimit | null | undefined {
  if (text === '0') return null;
  const [, most, times = '1', unit] = FORM.exec(text) ?? [];
  if (most === undefined || (unit !== 's' && unit !== 'm' && unit !== 'h')) return undefined;
  const seconds = Number(times) * SECONDS[unit];
  return seconds > DAY_SECONDS ? undefined : { most: Number(most), perMs: seconds * 1_000 };
}

const rate = z.string().transform((text, context): RateLimit | null => {
  const parsed = parseRate(text);
  if (parsed !== undefined) return parsed;
  context.addIssue({ code: 'custom', message: 'not a rate' });
  return z.NEVER;
});
const expected = 'a number and a time such as 100/5s, 1000/m or 20000/h, or 0 for no limit';

export const ratesModel = z.object({
  SEND_LIMIT_PER_USER: setting(rate.default({ most: 100, perMs: 5_000 }), {
    meaning: 'messages that a person may send; 0: any number',
    fallback: '100/5s',
    expected,
  }),
  SEND_LIMIT_PER_CHANNEL: setting(rate.default({ most: 5_000, perMs: 5_000 }), {
    meaning: 'messages that may be sent to a channel; 0: any number',
    fallback: '5000/5s',
    expected,
  }),
  SEND_LIMIT_PER_ORGANIZATION: setting(rate.optional(), {
    meaning: 'messages that may be sent in an organization; 0: any number',
    fallback: '20000/5s, or none where one of those before is 0',
    expected,
  }),
  CHANGE_LIMIT_PER_USER: setting(rate.optional(), {
    meaning: 'other changes that a person may make: edits, reactions, pins, channels, members; 0: any number',
    fallback: '5000/5s, or none where SEND_LIMIT_PER_USER is 0',
    expected,
  }),
});

const SENDS_PER_ORGANIZATION: RateLimit = { most: 20_000, perMs: 5_000 };
const CHANGES_PER_USER: RateLimit = { most: 5_000, perMs: 5_000 };

/** The limits of these settings. Whoever lifts the limits that are theirs to know of means those that follow too. */
export function rateLimits(given: z.output<typeof ratesModel>): RateLimits {
  const sendsPerUser = given.SEND_LIMIT_PER_USER;
  const sendsPerChannel = given.SEND_LIMIT_PER_CHANNEL;
  const { SEND_LIMIT_PER_ORGANIZATION: perOrganization, CHANGE_LIMIT_PER_USER: changes } = given;
  const areSendsLimited = sendsPerUser !== null && sendsPerChannel !== null;
  return {
    sendsPerUser,
    sendsPerChannel,
    sendsPerOrganization:
      perOrganization === undefined ? (areSendsLimited ? SENDS_PER_ORGANIZATION : null) : perOrganization,
    changesPerUser: changes === undefined ? (sendsPerUser === null ? null : CHANGES_PER_USER) : changes,
  };
}
