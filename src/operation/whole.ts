/**
 * What becomes of an event once it was executed. A kept event (one with a cursor) is delivered whole or not at all:
 * when its execution has errors it is tried again briefly, and then the subscription ends so that the client comes
 * back with its last cursors. The same for every way in which events are delivered.
 */
import type { GraphQLError } from 'graphql';

/** How long one try at an event may take. */
export const EVENT_MS = 3_000;
/** The waits before the tries that follow the first. */
export const RETRY_WAITS_MS: readonly number[] = [150, 400, 900];

export type Verdict =
  /** It goes out as it is. */
  | 'DELIVER'
  /** There is nothing left to tell. */
  | 'PASS_OVER'
  /** Loaders remember failures: with fresh ones. */
  | 'TRY_AGAIN'
  /** The document itself is at fault: every event would fail with it. */
  | readonly [GraphQLError];

/** @param errors of its execution, presentable. */
export function verdictOn(event: unknown, errors: readonly GraphQLError[] | undefined): Verdict {
  if (errors === undefined) return 'DELIVER';
  if (hasVanished(event, errors)) return 'PASS_OVER';
  if (!mustBeWhole(event)) return 'DELIVER';
  const hopeless = errors.find(isHopeless);
  return hopeless === undefined ? 'TRY_AGAIN' : [hopeless];
}

/**
 * Kept events, and news of the viewer's own memberships: nothing tells those again, and the place where a new
 * channel begins would be lost with them. What alerts the viewer is told again, as missed, to who comes back.
 */
const mustBeWhole = (event: unknown): boolean =>
  typeof event === 'object' &&
  event !== null &&
  (('cursor' in event && typeof event.cursor === 'string') || isMembershipNews(event));

const isMembershipNews = (event: unknown): boolean =>
  typeof event === 'object' &&
  event !== null &&
  'type' in event &&
  (event.type === 'MembershipUpdated' || event.type === 'Notified');

/** The membership has ended since: the event that says so follows, and this one has nothing left to tell. */
const hasVanished = (event: unknown, errors: readonly GraphQLError[]): boolean =>
  (isMembershipNews(event) || isAlert(event)) &&
  errors.every((error) => error.extensions.code === 'NOT_FOUND');

/** Errors of the document itself: it would fail with every event, so coming back is of no use. */
const isHopeless = (error: GraphQLError): boolean =>
  error.extensions.code === 'BAD_USER_INPUT' || error.extensions.code === 'QUERY_TOO_COMPLEX';

const isAlert = (event: unknown): boolean =>
  typeof event === 'object' && event !== null && 'type' in event && event.type === 'Notified';
