/** What both transports ask for: check a document, run it, follow it, and say what went wrong in presentable words. */
import type { ExecutionArgs, ExecutionResult, GraphQLError, GraphQLSchema } from 'graphql';
import type { Logger } from '../chat/logger.ts';
import type { Viewer } from '../chat/viewer.ts';
import { type Checked, createDocuments } from './documents.ts';
import { executeWithin, operationMs, type PresentError } from './execute.ts';
import type { ResumeReason } from './outlet.ts';
import { subscribe } from './subscribe.ts';

export interface OperationPorts {
  readonly schema: GraphQLSchema;
  readonly present: PresentError;
  /** A context for one execution. */
  contextFor(viewer: Viewer | null, connectionId: string | null, event?: unknown): object;
  /** Whether callers without a token may ask for the schema. */
  readonly isSchemaOpen: boolean;
  readonly logger: Logger;
}

/** Who runs an operation, and over which connection; null over HTTP. */
export interface Caller {
  readonly viewer: Viewer | null;
  readonly connectionId: string | null;
}

export interface Operations {
  readonly schema: GraphQLSchema;
  readonly present: PresentError;
  check(query: string, operationName: string | null | undefined, viewer: Viewer | null): Checked;
  /** @param ms what is left of the request's time; all of it when left out. */
  execute(args: ExecutionArgs, caller: Caller, ms?: number): Promise<ExecutionResult>;
  /**
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
  const context = ({ viewer, connectionId }: Caller, event?: unknown) =>
    ports.contextFor(viewer, connectionId, event);
  return {
    schema,
    present,
    check: (query, operationName, viewer) =>
      documents.check(query, operationName, isSchemaOpen || viewer !== null),
    execute: (args, caller, ms = operationMs) =>
      executeWithin(ms, { ...args, contextValue: context(caller) }, present),
    subscribe: (args, caller, onResume, ms = operationMs) =>
      subscribe(args, ms, { present, logger, onResume, freshContext: (event) => context(caller, event) }),
  };
}

/** Errors as they go over the wire. `http` is for Yoga alone. */
export function errorJson(error: GraphQLError) {
  const { extensions, ...rest } = error.toJSON();
  if (extensions === undefined) return rest;
  const { http: _, ...shown } = extensions;
  return { ...rest, extensions: shown };
}
