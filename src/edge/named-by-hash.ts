/**
 * A subscribe message that names its document by a hash and brings no text, as clients of kept documents send it:
 * graphql-ws wants some text, and gets an empty one.
 */
import { MessageType } from 'graphql-ws';
import { hashIn } from '../operation/request.ts';

/** True when the message is mended and worth another look. */
export function mendNamedByHash(said: unknown): boolean {
  if (!isObject(said) || said.type !== MessageType.Subscribe || !isObject(said.payload)) return false;
  const { query, documentId, extensions } = said.payload;
  if (
    query != null ||
    hashIn({ documentId, extensions: isObject(extensions) ? extensions : null }) === null
  ) {
    return false;
  }
  Object.assign(said.payload, { query: '' });
  return true;
}

const isObject = (value: unknown): value is { readonly [name: string]: unknown } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
