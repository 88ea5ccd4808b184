/** UUID: one spelling of each, so that comparing them as text is enough. */
import { GraphQLError } from 'graphql';
import { isUuid } from '../../src/chat/ids.ts';
import { builder } from '../builder.ts';

export function parseUuid(value: unknown): string {
  if (typeof value !== 'string' || !isUuid(value)) {
    throw new GraphQLError('UUID is 32 hexadecimal digits in lower case with hyphens, 8-4-4-4-12.');
  }
  return value;
}

builder.scalarType('UUID', {
  description: 'RFC 9562 UUID, lower case with hyphens.',
  serialize: (value) => value,
  parseValue: parseUuid,
});
