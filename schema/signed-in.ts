/**
 * Nobody reaches a field of a root type without being signed in. It is asked of the context and not of the viewer: an
 * event that asks for who it is would be executed for each. A check at each root field and no plugin of the builder:
 * that one made maps for every request, and its way to the same answer was 2% of a send.
 */
import type { GraphQLFieldResolver, GraphQLSchema } from 'graphql';
import { unauthenticated } from '../src/chat/errors.ts';

/** The same schema, whose root fields throw UNAUTHENTICATED for whoever is not signed in. */
export function forSignedIn(schema: GraphQLSchema): GraphQLSchema {
  for (const type of [schema.getQueryType(), schema.getMutationType()]) {
    for (const field of Object.values(type?.getFields() ?? {})) field.resolve = checked(field.resolve);
  }
  for (const field of Object.values(schema.getSubscriptionType()?.getFields() ?? {})) {
    // Before it begins: its events are for whoever began it.
    field.subscribe = checked(field.subscribe);
  }
  return schema;
}

type Resolver = GraphQLFieldResolver<unknown, unknown>;

function checked(resolver: Resolver | undefined): Resolver {
  if (resolver === undefined) throw new Error('a root field without a resolver would be open to all');
  return (source, args, context, info) => {
    if (!isSignedIn(context)) throw unauthenticated();
    return resolver(source, args, context, info);
  };
}

const isSignedIn = (context: unknown): boolean =>
  typeof context === 'object' && context !== null && 'isSignedIn' in context && context.isSignedIn === true;
