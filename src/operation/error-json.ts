/** A GraphQL error as JSON: what presenting an error adds for HTTP alone does not leave the server. */
import type { GraphQLError } from 'graphql';

/** Errors as they go over the wire. `http` is for Yoga alone. */
export function errorJson(error: GraphQLError) {
  const { extensions, ...rest } = error.toJSON();
  if (extensions === undefined) return rest;
  const { http: _, ...shown } = extensions;
  return { ...rest, extensions: shown };
}
