/** What both transports ask for: check a document, run it, follow it, and say what went wrong in presentable words. */
import {
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLError,
  type GraphQLSchema,
  getOperationAST,
} from 'graphql';
import type { Logger } from '../chat/logger.ts';
import type { Viewer } from '../chat/viewer.ts';
import { Classes } from './classes.ts';
import type { Caller, EventContexts } from './contexts.ts';
import { type Checked, createDocuments, type DocumentRules } from './documents.ts';
import { executeWithin, operationMs, type PresentError } from './execute.ts';
import { follow } from './follow.ts';
import type { Refused } from './opening.ts';
import type { Following, Outlet, ResumeReason } from './outlet.ts';
import type { OperationRequest } from './request.ts';
import { subscribe } from './subscribe.ts';
import type { Asked, OperationWatch } from './watch.ts';

export type { Caller, RequestInfo } from './contexts.ts';
export { errorJson } from './error-json.ts';

export interface OperationPorts {
  readonly schema: GraphQLSchema;
  /** @param caller whose operation it went wrong in, where that is known. */
  readonly present: (error: unknown, caller?: Caller) => GraphQLError;
  /** A context for one execution. */
  contextFor(viewer: Viewer | null, connectionId: string | null, event?: unknown): object;
  /** Contexts for events that several are told of. */
  readonly eventContexts: EventContexts;
  /** Whether callers without a token may ask for the schema. */
  readonly isSchemaOpen: boolean;
  /** What a document may be; when left out, anything within the usual limits. */
  readonly documents?: DocumentRules;
  /** Told of every operation; nobody is when left out. */
  readonly watch?: OperationWatch;
  readonly logger: Logger;
}

export interface Operations {
  readonly schema: GraphQLSchema;
  readonly present: PresentError;
  check(request: OperationRequest, viewer: Viewer | null): Checked;
  /** To be called by whoever answers with the errors of an operation that did not come to run. */
  refused(caller: Caller, errors: readonly GraphQLError[]): void;
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
  const { schema, watch, logger, isSchemaOpen } = ports;
  const present: PresentError = (error) => ports.present(error);
  const documents = createDocuments(schema, ports.documents);
  const classes = new Classes(schema, { contexts: ports.eventContexts, present, logger });
  const context = ({ viewer, connectionId }: Caller, event?: unknown) =>
    ports.contextFor(viewer, connectionId, event);
  const isOpenTo = (viewer: Viewer | null): boolean => isSchemaOpen || viewer !== null;
  /** What the schema has, errors of variables would tell too. */
  const told = (args: ExecutionArgs, { viewer }: Caller): ExecutionArgs =>
    isOpenTo(viewer) ? args : { ...args, hideSuggestions: true };
  return {
    schema,
    present,
    check: (request, viewer) => documents.check(request, isOpenTo(viewer)),
    refused: (caller, errors) => watch?.refused(caller, errors),
    execute: (args, caller, ms = operationMs) => {
      const run = () =>
        executeWithin(ms, { ...told(args, caller), contextValue: context(caller) }, (error) =>
          ports.present(error, caller),
        );
      return watch === undefined ? run() : watch.run(askedOf(args, caller), run);
    },
    follow: (args, caller, outlet, ms = operationMs) => {
      const { viewer, connectionId } = caller;
      // Without the request, which would be kept for as long as the subscription lives.
      const lasting: Caller = { viewer, connectionId };
      const run = () =>
        follow({ ...told(args, caller), contextValue: context(lasting) }, lasting, outlet, ms, {
          classes,
          present,
          logger,
        });
      return watch === undefined ? run() : watch.run(askedOf(args, caller), run);
    },
    subscribe: (args, caller, onResume, ms = operationMs) => {
      const freshContext = (event: unknown) => context(caller, event);
      const run = () => subscribe(told(args, caller), ms, { present, logger, onResume, freshContext });
      return watch === undefined ? run() : watch.run(askedOf(args, caller), run);
    },
  };
}

function askedOf({ document, operationName }: ExecutionArgs, caller: Caller): Asked {
  const operation = getOperationAST(document, operationName);
  return {
    type: operation?.operation ?? 'query',
    name: operation?.name?.value ?? null,
    caller,
  };
}
