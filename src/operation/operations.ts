/** What both transports ask for: check a document, run it, follow it, and say what went wrong in presentable words. */
import type { ExecutionArgs, ExecutionResult, GraphQLSchema } from 'graphql';
import type { Logger } from '../chat/logger.ts';
import type { Viewer } from '../chat/viewer.ts';
import { Classes } from './classes.ts';
import type { Caller, EventContexts } from './contexts.ts';
import { type Checked, createDocuments } from './documents.ts';
import { executeWithin, operationMs, type PresentError } from './execute.ts';
import { follow } from './follow.ts';
import type { Refused } from './opening.ts';
import type { Following, Outlet, ResumeReason } from './outlet.ts';
import { subscribe } from './subscribe.ts';

export type { Caller } from './contexts.ts';
export { errorJson } from './error-json.ts';

export interface OperationPorts {
  readonly schema: GraphQLSchema;
  readonly present: PresentError;
  /** A context for one execution. */
  contextFor(viewer: Viewer | null, connectionId: string | null, event?: unknown): object;
  /** Contexts for events that several are told of. */
  readonly eventContexts: EventContexts;
  /** Whether callers without a token may ask for the schema. */
  readonly isSchemaOpen: boolean;
  readonly logger: Logger;
}

export interface Operations {
  readonly schema: GraphQLSchema;
  readonly present: PresentError;
  check(query: string, operationName: string | null | undefined, viewer: Viewer | null): Checked;
  /** @param ms what is left of the request's time; all of it when left out. */
  execute(args: ExecutionArgs, caller: Caller, ms?: number): Promise<ExecutionResult>;
  /**
   * Follows a subscription: what it gives is written to the outlet, from some time after this has returned until it
   * is over (the outlet's `end` or `resume` is called) or is stopped.
   * @param ms within which it begins.
   */
  follow(args: ExecutionArgs, caller: Caller, outlet: Outlet, ms?: number): Promise<Following | Refused>;
  /**
   * The same as an iterator of results, for event streams over HTTP.
   * @param onResume the next event cannot be delivered whole: the client has to come back with its cursors.
   * @param ms within which it begins.
   */
  subscribe(
    args: ExecutionArgs,
    caller: Caller,
    onResume: (why: ResumeReason) => void,
    ms?: number,
  ): Promise<AsyncIterableIterator<ExecutionResult> | ExecutionResult>;
}

export function createOperations(ports: OperationPorts): Operations {
  const { schema, present, logger, isSchemaOpen } = ports;
  const documents = createDocuments(schema);
  const classes = new Classes(schema, { contexts: ports.eventContexts, present, logger });
  const context = ({ viewer, connectionId }: Caller, event?: unknown) =>
    ports.contextFor(viewer, connectionId, event);
  return {
    schema,
    present,
    check: (query, operationName, viewer) =>
      documents.check(query, operationName, isSchemaOpen || viewer !== null),
    execute: (args, caller, ms = operationMs) =>
      executeWithin(ms, { ...args, contextValue: context(caller) }, present),
    follow: (args, caller, outlet, ms = operationMs) =>
      follow({ ...args, contextValue: context(caller) }, caller, outlet, ms, { classes, present, logger }),
    subscribe: (args, caller, onResume, ms = operationMs) =>
      subscribe(args, ms, { present, logger, onResume, freshContext: (event) => context(caller, event) }),
  };
}
