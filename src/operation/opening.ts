/** Opens the source of a subscription's events, or says why it cannot begin; that is known in time. */
import { createSourceEventStream, type ExecutionArgs, type GraphQLError } from 'graphql';
import { ChatError } from '../chat/errors.ts';
import type { Logger } from '../chat/logger.ts';
import type { PresentError } from './execute.ts';

export interface OpeningPorts {
  readonly present: PresentError;
  readonly logger: Logger;
}

export interface Refused {
  readonly errors: readonly GraphQLError[];
}

/** @param ms after this long nobody waits for it any more. */
export async function openSource(
  ms: number,
  args: ExecutionArgs,
  { present, logger }: OpeningPorts,
): Promise<AsyncIterable<unknown> | Refused> {
  const opening = createSourceEventStream(args);
  try {
    const source = await settleWithin(ms, opening);
    return isIterable(source) ? source : { errors: (source.errors ?? []).map(present) };
  } catch (error) {
    // A stream that opens after nobody waits for it any more is closed again.
    opening
      .then((late) => (isIterable(late) ? late[Symbol.asyncIterator]().return?.() : undefined))
      .catch((lateError: unknown) =>
        logger.debug({ err: lateError }, 'a subscription failed to begin, late'),
      );
    return { errors: [present(error)] };
  }
}

export const isIterable = (value: object): value is AsyncIterable<unknown> => Symbol.asyncIterator in value;

async function settleWithin<T>(ms: number, promise: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new ChatError('UNAVAILABLE', 'The subscription could not begin in time.')),
    ms,
  );
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
