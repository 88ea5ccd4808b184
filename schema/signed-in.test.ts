import { type GraphQLFieldConfigMap, GraphQLInt, GraphQLObjectType, GraphQLSchema } from 'graphql';
import { expect, test, vi } from 'vitest';
import { schema } from './index.ts';
import { forSignedIn } from './signed-in.ts';

const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
const fields = roots.flatMap((type) =>
  Object.values(type?.getFields() ?? {}).map((field) => ({
    name: `${type?.name}.${field.name}`,
    ask: type === schema.getSubscriptionType() ? field.subscribe : field.resolve,
  })),
);

test('no root field is reached without being signed in', async () => {
  expect(fields.length).toBeGreaterThan(20);
  for (const { name, ask } of fields) {
    for (const context of [{ isSignedIn: false }, {}, null, { isSignedIn: 'yes' }]) {
      // It throws or rejects before it looks at anything else.
      const asked = (async () => ask?.(undefined, {}, context, {} as never))();
      await expect(asked, name).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    }
  }
});

const resolve = vi.fn(() => 1);
const root = (name: string, of: GraphQLFieldConfigMap<unknown, unknown>) =>
  new GraphQLObjectType({ name, fields: of });

test('whoever is signed in comes to the resolver, with all that it is given', () => {
  const made = forSignedIn(
    new GraphQLSchema({
      query: root('Query', { one: { type: GraphQLInt, resolve } }),
      subscription: root('Subscription', { one: { type: GraphQLInt, subscribe: resolve, resolve } }),
    }),
  );
  const context = { isSignedIn: true };
  const info = {} as never;
  expect(made.getQueryType()?.getFields().one?.resolve?.('source', { a: 1 }, context, info)).toBe(1);
  expect(resolve).toHaveBeenLastCalledWith('source', { a: 1 }, context, info);
  const { subscribe } = made.getSubscriptionType()?.getFields().one ?? {};
  expect(subscribe?.('root', {}, context, info)).toBe(1);
  expect(() => subscribe?.('root', {}, { isSignedIn: false }, info)).toThrow(/signed|token/i);
});

test('a root field without a resolver of its own is refused when the schema is made', () => {
  const open = new GraphQLSchema({ query: root('Query', { one: { type: GraphQLInt } }) });
  expect(() => forSignedIn(open)).toThrow(/open to all/);
});
