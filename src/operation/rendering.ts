/** What may come of rendering an event, and who waits for it. */
import type { ExecutionResult, GraphQLError } from 'graphql';
import type { Logger } from '../chat/logger.ts';
import type { Caller } from './contexts.ts';
import { errorJson } from './error-json.ts';
import { type PresentError, presentable } from './execute.ts';
import type { Rendered } from './outlet.ts';
import { verdictOn } from './whole.ts';

/** A rendering; nothing to tell; come back with your cursors; or the error that ends the operation. */
export type Outcome = Rendered | 'PASS_OVER' | 'RESUME' | readonly [GraphQLError];

/** Somebody to whom an event is to be told when it is rendered. */
export interface Waiter {
  readonly caller: Caller;
  /** False once it is of no use any more: the subscription has ended, or the event was purged. */
  readonly isWaiting: boolean;
  /** Called once, never while `render` is on the stack. Never throws: others wait for the same. */
  settle(outcome: Outcome): void;
}

/** What the result of one try comes to. Never throws: whoever waits must be told something. */
export function judged(
  event: unknown,
  raw: ExecutionResult,
  present: PresentError,
  logger: Logger,
): Outcome | 'TRY_AGAIN' {
  try {
    const { data, errors } = presentable(raw, present);
    const verdict = verdictOn(event, errors);
    return verdict === 'DELIVER' ? { json: jsonOf(data, errors) } : verdict;
  } catch (error) {
    logger.error({ err: error }, 'an event could not be rendered');
    return 'RESUME';
  }
}

const jsonOf = (data: ExecutionResult['data'], errors: readonly GraphQLError[] | undefined): string =>
  JSON.stringify(errors === undefined ? { data } : { data, errors: errors.map(errorJson) });
