/** Runs a query, a mutation or the rendering of one event: always settles, always with presentable errors. */
import { type ExecutionArgs, type ExecutionResult, GraphQLError } from 'graphql';
import { Deadlines } from '../chat/deadlines.ts';
import { limits } from '../chat/limits.ts';
import { executePlanned } from './plan/execute-planned.ts';

/** Turns whatever went wrong into what a client may see. */
export type PresentError = (error: unknown) => GraphQLError;

/** What is left for the way in and out of a request that must settle within `limits.requestMs`. */
const MARGIN_MS = 1_000;

/** How long a whole operation may take. */
export const operationMs = limits.requestMs - MARGIN_MS;

/** What is left of that for one that arrived then, by `performance.now()`. */
export const timeLeft = (arrived: number): number => Math.max(1, operationMs - (performance.now() - arrived));

/** @param ms after this long the answer is UNAVAILABLE, whatever the stores still do. */
export async function executeWithin(
  ms: number,
  args: ExecutionArgs,
  present: PresentError,
): Promise<ExecutionResult> {
  return presentable(await executeRaw(ms, args), present);
}

/** The same with the errors as they are: at once, without a timer, when nothing had to be waited for. */
export function executeRaw(ms: number, args: ExecutionArgs): ExecutionResult | Promise<ExecutionResult> {
  try {
    const running = executePlanned(args);
    return 'then' in running ? withinTime(ms, running) : running;
  } catch (error) {
    return failed(error);
  }
}

/** What clients may see of the result. */
export const presentable = (result: ExecutionResult, present: PresentError): ExecutionResult =>
  result.errors === undefined ? result : { ...result, errors: result.errors.map(present) };

/** Of operations that have their whole time yet, but for moments: nearly all. They share a timer. */
const whole = new Deadlines<() => void>(operationMs, (late) => late());
const MOMENTS_MS = 100;

function withinTime(ms: number, running: PromiseLike<ExecutionResult>): Promise<ExecutionResult> {
  const { promise, resolve } = Promise.withResolvers<ExecutionResult>();
  const late = (): void => resolve({ errors: [tooLate()] });
  const stop = ms > operationMs - MOMENTS_MS ? startWhole(late) : startOwn(late, ms);
  running.then(
    (result) => {
      stop();
      resolve(result);
    },
    (error: unknown) => {
      stop();
      resolve(failed(error));
    },
  );
  return promise;
}

function startWhole(late: () => void): () => void {
  whole.add(late);
  return () => whole.delete(late);
}

function startOwn(late: () => void, ms: number): () => void {
  const timer = setTimeout(late, ms);
  return () => clearTimeout(timer);
}

const failed = (error: unknown): ExecutionResult => ({
  errors: [
    error instanceof GraphQLError
      ? error
      : new GraphQLError('The execution failed.', {
          originalError: error instanceof Error ? error : new Error('not an Error', { cause: error }),
        }),
  ],
});

const tooLate = () =>
  new GraphQLError(
    'The server did not finish in time. Try again; repeating a send with its clientMessageId is safe.',
    {
      extensions: { code: 'UNAVAILABLE', retryable: true, http: { status: 503 } },
    },
  );
