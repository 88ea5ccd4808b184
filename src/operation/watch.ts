/** Who is told of every operation, once it has settled: for the log, the metrics, the traces. */
import type { ExecutionResult, GraphQLError } from 'graphql';
import type { Caller } from './contexts.ts';

export type OperationType = 'query' | 'mutation' | 'subscription';

/** What is known of an operation before it runs. */
export interface Asked {
  readonly type: OperationType;
  /** By which its document calls it; null when it has none. */
  readonly name: string | null;
  readonly caller: Caller;
}

export interface OperationWatch {
  /**
   * Runs it. Of a subscription: until it has begun, or was refused. What is given is given on as it is.
   * Never sees arguments, variables or what was answered beyond the errors' codes.
   */
  run<Result extends object>(asked: Asked, run: () => Promise<Result>): Promise<Result>;
  /** It was refused before it could run: what it would have been is not known. */
  refused(caller: Caller, errors: readonly GraphQLError[]): void;
}

/** Of errors, if there are any. */
export const errorsOf = (result: object): ExecutionResult['errors'] =>
  'errors' in result && Array.isArray(result.errors) ? result.errors : undefined;
