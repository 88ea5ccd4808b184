/** What the log tells its callers when a store or a channel cannot do what was asked. */
import { ChatError, conflict, rateLimited, unavailable } from '../errors.ts';
import { OutcomeUnknown, StoreUnreachable } from './port.ts';

/** A store's error as the domain knows it; anything else is handed on as it is. */
export const failureOf = (error: unknown): unknown =>
  error instanceof StoreUnreachable || error instanceof OutcomeUnknown
    ? unavailable('message store', error)
    : error;

/** What a store that is asked directly answers; its error as the domain knows it. */
export const fromStore = <T>(reading: Promise<T>): Promise<T> =>
  reading.catch((error: unknown) => {
    throw failureOf(error);
  });

export const noAnswer = (cause?: unknown): ChatError => unavailable('message store', cause);

/** The log was sealed for a move to another cell; soon the organization's new cell answers instead. */
export const isMoving = (): ChatError =>
  new ChatError(
    'UNAVAILABLE',
    'The channel is being moved. Try again; repeating a send with its clientMessageId is safe.',
  );

export const shuttingDown = (): ChatError =>
  new ChatError('UNAVAILABLE', 'This server is shutting down. Try again; another one answers.');

export const tooFarBack = (): ChatError =>
  conflict(
    'This send is too old for the server to tell whether an earlier try was saved. Look for it in the channel; ' +
      'if it is not there, send it again with a new clientMessageId and a new basis.',
  );

export const queueFull = (): ChatError =>
  rateLimited('The channel has more sends waiting than it can take. Try again in a moment.', 1_000);
