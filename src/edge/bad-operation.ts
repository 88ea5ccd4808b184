/**
 * A subscribe message that graphql-ws does not take (no query, variables of the wrong type): it would close the whole
 * socket for it. Whoever shares the socket must not suffer for one bad operation, so that operation ends instead.
 */

/** Characters of an operation's id: each of its frames ends with it. */
export const MAX_ID_LENGTH = 256;

/** The frame that ends the operation. */
export const badOperation = (id: string): string =>
  refusal(
    id,
    'This is no operation: `payload` needs a `query` that is text; `variables` and `extensions` are objects, `operationName` is text.',
  );

/** The same for an id that is too long. */
export const tooLongId = (id: string): string =>
  refusal(id, `The id of an operation has ${MAX_ID_LENGTH} characters at most.`);

const refusal = (id: string, message: string): string =>
  JSON.stringify({
    id,
    type: 'error',
    payload: [{ message, extensions: { code: 'BAD_USER_INPUT' } }],
  });
