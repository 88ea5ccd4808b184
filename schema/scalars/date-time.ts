/** DateTime: an instant, one spelling of it. */
import { GraphQLError } from 'graphql';
import { builder } from '../builder.ts';

const FORM = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,3})?Z$/;

/** Throws for anything but an instant in UTC; also for a day that no calendar has. */
export function parseDateTime(value: unknown): Date {
  const date = typeof value === 'string' && FORM.test(value) ? new Date(value) : null;
  const isReal =
    date !== null &&
    !Number.isNaN(date.getTime()) &&
    date.toISOString().slice(0, 19) === String(value).slice(0, 19);
  if (!isReal) {
    throw new GraphQLError('DateTime is an ISO 8601 instant in UTC, like 2026-11-22T10:15:30.123Z.');
  }
  return date;
}

builder.scalarType('DateTime', {
  description: 'An instant, ISO 8601 in UTC with milliseconds: `2026-11-22T10:15:30.123Z`.',
  serialize: (value) => value.toISOString(),
  parseValue: parseDateTime,
});
