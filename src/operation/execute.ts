/** Runs a query, a mutation or the rendering of one event: always settles, always with presentable errors. */
import { type ExecutionArgs, type ExecutionResult, execute, GraphQLError } from 'graphql';
import { limits } from '../chat/limits.ts';

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
  const { promise: late, resolve } = Promise.withResolvers<ExecutionResult>();
  const timer = setTimeout(() => resolve({ errors: [tooLate()] }), ms);
  try {
    const running = Promise.resolve(execute(args));
    const result = await Promise.race([running, late]);
    if (result.errors === undefined) return result;
    return { ...result, errors: result.errors.map(present) };
  } catch (error) {
    return { errors: [present(error)] };
  } finally {
    clearTimeout(timer);
  }
}

const tooLate = () =>
  new GraphQLError(
    'The server did not finish in time. Try again; repeating a send with its clientMessageId is safe.',
    {
      extensions: { code: 'UNAVAILABLE', retryable: true, http: { status: 503 } },
    },
  );
