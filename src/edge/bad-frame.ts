/**
 * A subscribe message that graphql-ws does not take (no query, variables of the wrong type): it would close the whole
 * socket for it. Whoever shares the socket must not suffer for one bad operation, so that operation ends instead.
 */

/** The id of the operation that a frame was meant to start; null when the frame is no such message at all. */
export function operationIdIn(frame: string): string | null {
  try {
    const message: unknown = JSON.parse(frame);
    if (typeof message !== 'object' || message === null) return null;
    const { type, id } = message as { readonly type?: unknown; readonly id?: unknown };
    return type === 'subscribe' && typeof id === 'string' && id !== '' ? id : null;
  } catch {
    // No JSON: the protocol's own close is the answer.
    return null;
  }
}

/** The frame that ends the operation. */
export const badOperation = (id: string): string =>
  JSON.stringify({
    id,
    type: 'error',
    payload: [
      {
        message:
          'This is no operation: `payload` needs a `query` that is text; `variables` and `extensions` are objects, `operationName` is text.',
        extensions: { code: 'BAD_USER_INPUT' },
      },
    ],
  });
