/** The page arguments every connection takes, and the one rule about their combinations (contract, "Limits"). */
import { badInput } from '../errors.ts';
import { limits } from '../limits.ts';

/** As GraphQL hands them over: absent and null mean the same. */
export interface PageArgs {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
  readonly last?: number | null | undefined;
  readonly before?: string | null | undefined;
}

export interface PageSize {
  readonly limit: number;
  readonly backward: boolean;
}

function size(name: 'first' | 'last', value: number): number {
  if (value < 0) throw badInput(`\`${name}\` must not be negative.`);
  if (value > limits.pageSize) throw badInput(`\`${name}\` is at most ${limits.pageSize}.`);
  return value;
}

/**
 * How many, and from which end. Without `first` and `last` it is the default page size: from the back when only
 * `before` is given, else from the end that `fallback` names.
 */
export function pageSize(args: PageArgs, fallback: 'front' | 'back' = 'front'): PageSize {
  const first = args.first ?? null;
  const last = args.last ?? null;
  if (first !== null && last !== null) throw badInput('Give `first` or `last`, not both.');
  if (first !== null) return { limit: size('first', first), backward: false };
  if (last !== null) return { limit: size('last', last), backward: true };
  const hasAfter = (args.after ?? null) !== null;
  const hasBefore = (args.before ?? null) !== null;
  return {
    limit: limits.defaultPageSize,
    backward: !hasAfter && (hasBefore || fallback === 'back'),
  };
}
