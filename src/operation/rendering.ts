/** What may come of rendering an event, and who waits for it. */
import type { ExecutionResult, GraphQLError } from 'graphql';
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
  /** Called once, never while `render` is on the stack. */
  settle(outcome: Outcome): void;
}

/** What the result of one try comes to. */
export function judge(event: unknown, raw: ExecutionResult, present: PresentError): Outcome | 'TRY_AGAIN' {
  const { data, errors } = presentable(raw, present);
  const verdict = verdictOn(event, errors);
  if (verdict !== 'DELIVER') return verdict;
  return {
    json: JSON.stringify({ data, ...(errors === undefined ? {} : { errors: errors.map(errorJson) }) }),
  };
}
