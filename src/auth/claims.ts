/** What a token says of its bearer, checked field by field: nothing else in a token is ever looked at. */
import { z } from 'zod';
import { limits } from '../chat/limits.ts';

export interface Claims {
  /** The person, unique in the organization. */
  readonly subject: string;
  /** Slug of the organization. */
  readonly organization: string;
  /** Wished-for handle of a person who is new. */
  readonly handle: string;
  readonly name: string;
  readonly isAdmin: boolean;
  /** `exp`, milliseconds since the epoch: sockets end then. */
  readonly expiresAt: number;
  /** Until then requests are answered: later than `exp` by what clocks may differ. */
  readonly acceptedUntil: number;
}

const SLUG = /^[a-z0-9](?:[a-z0-9._-]{0,38}[a-z0-9])?$/;
const HANDLE = /^[a-z0-9._-]{1,40}$/;

/** What an organization's slug may be: 1 to 40 of `a-z 0-9 . _ -`, a letter or digit at both ends. */
export const isSlug = (text: string): boolean => SLUG.test(text);

/** What a person's handle may be: 1 to 40 of `a-z 0-9 . _ -`. */
export const isHandle = (text: string): boolean => HANDLE.test(text);

/** Seconds of the last moment of the year 9999: beyond it dates stop being dates. */
const LAST_SECOND = 253_402_300_799;

/**
 * The claims of a token whose signature was verified. What names the person must be right; what only describes
 * them (handle, name, roles) is taken as far as it can be used.
 */
export const claimsModel = z
  .object({
    sub: z
      .string()
      .max(200)
      .regex(/^[^\p{Cc}\p{Cs}]+$/u),
    org: z.string().regex(SLUG),
    exp: z.number().positive().max(LAST_SECOND),
    handle: z.string().optional().catch(undefined),
    name: z.string().optional().catch(undefined),
    roles: z.array(z.string()).optional().catch(undefined),
  })
  .transform(({ sub, org, exp, handle, name, roles }): Omit<Claims, 'acceptedUntil'> => {
    const wished = handle !== undefined && HANDLE.test(handle) ? handle : handleFrom(handle ?? sub);
    const shown = name
      ?.replaceAll(/\p{Cc}+/gu, ' ')
      .trim()
      .slice(0, limits.nameUnits);
    return {
      subject: sub,
      organization: org,
      handle: wished,
      name: shown || wished,
      isAdmin: roles?.includes('admin') ?? false,
      expiresAt: exp * 1000,
    };
  });

/** A handle for a person whose token names none: what of the subject may be in one. */
function handleFrom(subject: string): string {
  const [local = ''] = subject.toLowerCase().split('@');
  const usable = local.replaceAll(/[^a-z0-9._-]+/g, '-').replaceAll(/^-+|-+$/g, '');
  return usable === '' ? 'person' : usable.slice(0, 40);
}
