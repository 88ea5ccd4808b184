import { buildSchema, getIntrospectionQuery } from 'graphql';
import { describe, expect, test } from 'vitest';
import { createDocuments, type Documents, isRefused } from './documents.ts';

const schema = buildSchema(`
  type Query { me(id: ID): String }
  type Mutation { send(text: String!): String }
  type Subscription { events: String }
`);
const documents = createDocuments(schema);
const refusal = (query: string, name?: string, mayIntrospect = true) => {
  const checked = documents.check({ query, operationName: name }, mayIntrospect);
  if (!isRefused(checked)) throw new Error('it was taken');
  return checked.map((error) => error.toJSON());
};

test('a document comes back with the kind of operation that it names', () => {
  expect(documents.check({ query: '{ me }' }, true)).toMatchObject({ type: 'query' });
  const two = 'query A { me } mutation B { send(text: "x") } subscription C { events }';
  expect(documents.check({ query: two, operationName: 'B' }, true)).toMatchObject({ type: 'mutation' });
  expect(documents.check({ query: two, operationName: 'C' }, true)).toMatchObject({ type: 'subscription' });
});

test('what is checked once is remembered', () => {
  expect(documents.check({ query: '{ me }' }, true)).toEqual(documents.check({ query: '{ me }' }, true));
  const one = documents.check({ query: 'query { me }' }, true);
  const two = documents.check({ query: 'query { me }' }, true);
  expect('document' in one && 'document' in two && one.document === two.document).toBe(true);
});

test.each([
  'subscription { events @skip(if: true) }',
  'subscription { events @include(if: false) }',
  'subscription ($is: Boolean!) { events @include(if: $is) }',
  'subscription { ... @skip(if: true) { events } }',
  'subscription A { events } subscription B { ...F } fragment F on Subscription { ...G ...F } fragment G on Subscription { events @skip(if: true) }',
  'subscription { ...F @include(if: false) } fragment F on Subscription { events }',
])('a subscription may not be left without its field: %s', (query) => {
  const code = expect.objectContaining({ code: 'BAD_USER_INPUT' });
  expect(refusal(query, 'A')).toEqual([expect.objectContaining({ extensions: code })]);
  const elsewhere = 'subscription A { events } query B { me @skip(if: true) }';
  expect(documents.check({ query: elsewhere, operationName: 'A' }, true)).toHaveProperty('document');
});

const documentOf = (documents: Documents, query: string) => {
  const checked = documents.check({ query }, true);
  if (isRefused(checked)) throw new Error('it was refused');
  return checked.document;
};

test('long texts push each other out sooner than short ones, the longest unused first', () => {
  const documents = createDocuments(schema);
  const long = (i: number) => `{ me(id: "${String(i).padEnd(19_900, 'x')}") }`;
  const [short, first] = [documentOf(documents, '{ me }'), documentOf(documents, long(0))];
  for (let i = 1; i < 40; i += 1) documentOf(documents, long(i));
  expect(documentOf(documents, long(0))).toBe(first);
  expect(documentOf(documents, '{ me }')).toBe(short);
  for (let i = 40; i < 100; i += 1) documentOf(documents, long(i));
  expect(documentOf(documents, long(0))).not.toBe(first);
  expect(documentOf(documents, '{ me }')).not.toBe(short);
  expect(documentOf(documents, long(99))).toBe(documentOf(documents, long(99)));
});

test.each([
  ['lists', (n: number) => `{ me(id: ${'['.repeat(n)}${']'.repeat(n)}) }`],
  ['objects', (n: number) => `{ me(id: ${'{a:'.repeat(n)}1${'}'.repeat(n)}) }`],
  ['lists left open', (n: number) => `{ me(id: ${'['.repeat(n)}`],
  ['types', (n: number) => `query ($a: ${'['.repeat(n)}Int${']'.repeat(n)}) { me }`],
  ['fields', (n: number) => `${'{ me '.repeat(n)}${'}'.repeat(n)}`],
])('however deep a document is nested, it is refused and nothing is thrown: %s', (_, nested) => {
  for (const n of [500, 1_500, 2_400, 4_990, 50_000]) {
    for (const mayIntrospect of [true, false]) {
      expect(isRefused(documents.check({ query: nested(n) }, mayIntrospect))).toBe(true);
    }
  }
});

test.each([
  ['an empty document', '', undefined, 'Syntax Error'],
  ['no GraphQL at all', 'hello?!', undefined, 'Syntax Error'],
  ['a brace left open', '{ me', undefined, 'Syntax Error'],
  ['a field that does not exist', '{ you }', undefined, 'Cannot query field "you"'],
  ['an argument that does not exist', '{ me(x: 1) }', undefined, 'Unknown argument "x"'],
  ['fragments only', 'fragment F on Query { me }', undefined, 'Fragment "F" is never used'],
  ['a name that the document has not', 'query A { me }', 'B', 'no operation called "B"'],
  ['an empty name', '{ me }', '', 'no operation called ""'],
  ['several operations and no name', 'query A { me } query B { me }', undefined, 'several operations'],
])('refused with BAD_USER_INPUT: %s', (_, query, name, message) => {
  const errors = refusal(query, name);
  expect(errors[0]).toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } });
  expect(errors[0]?.message).toContain(message);
});

test('errors say where, and end after a few', () => {
  expect(refusal('{ you }')[0]?.locations).toEqual([{ line: 1, column: 3 }]);
  expect(refusal('{ me')[0]?.locations).toEqual([{ line: 1, column: 5 }]);
  const many = Array.from({ length: 60 }, (_, i) => `x${i}`).join(' ');
  expect(refusal(`{ ${many} }`).length).toBeLessThanOrEqual(21);
});

test('introspection can be closed, and is closed for that caller alone', () => {
  const query = getIntrospectionQuery();
  expect(refusal(query, undefined, false)).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
  expect(refusal('{ __type(name: "Query") { name } you }', undefined, false)[0]?.message).toContain('"you"');
  expect(isRefused(documents.check({ query }, true))).toBe(false);
  expect(isRefused(documents.check({ query: '{ __typename me }' }, false))).toBe(false);
});

describe('more than any client needs is QUERY_TOO_COMPLEX', () => {
  const few = createDocuments(schema, {
    limits: { tokens: 60, depth: 3, aliases: 2, directives: 2, cost: 200 },
  });
  const taken = (query: string) => {
    const checked = few.check({ query }, true);
    if (!isRefused(checked)) return true;
    expect(checked).toMatchObject([{ extensions: { code: 'QUERY_TOO_COMPLEX' } }]);
    return false;
  };

  test.each([
    ['tokens', `{ ${'me '.repeat(58)} }`, `{ ${'me '.repeat(59)} }`],
    ['aliases', '{ a: me b: me }', '{ a: me b: me c: me }'],
    [
      'aliases in fragments',
      '{ ...F a: me } fragment F on Query { b: me }',
      '{ ...F a: me } fragment F on Query { b: me c: me }',
    ],
    [
      'directives',
      '{ me @skip(if: false) @include(if: true) }',
      '{ me @skip(if: false) ... @include(if: true) { me } ...F @include(if: true) } fragment F on Query { me }',
    ],
    ['depth', '{ __schema { queryType { name } } }', '{ __schema { queryType { fields { name } } } }'],
    [
      'depth in fragments',
      '{ ...F } fragment F on Query { __schema { queryType { name } } }',
      '{ ...F } fragment F on Query { __schema { queryType { ...G } } } fragment G on __Type { ofType { name } }',
    ],
  ])('%s', (_, within, beyond) => {
    expect([taken(within), taken(beyond)]).toEqual([true, false]);
  });

  test('fields that would have to be compared too often', () => {
    const errors = refusal(`{ ${'__schema{types{name}}'.repeat(700)} }`);
    expect(errors[0]?.extensions?.code).toBe('QUERY_TOO_COMPLEX');
  });

  test('each operation of a document for itself', () => {
    const query = 'query A { me } query B { __schema { queryType { fields { name } } } }';
    expect(few.check({ query, operationName: 'A' }, true)).toMatchObject({ type: 'query' });
    for (let again = 0; again < 2; again += 1) {
      expect(few.check({ query, operationName: 'B' }, true)).toMatchObject([
        { extensions: { code: 'QUERY_TOO_COMPLEX' } },
      ]);
    }
  });
});

test('where the schema is closed, what it has is not told by suggestions either', () => {
  expect(refusal('{ mee }', undefined, true)[0]?.message).toContain('Did you mean "me"');
  expect(refusal('{ mee }', undefined, false)[0]?.message).toBe('Cannot query field "mee" on type "Query".');
});

test('what is wrong is told in few words, however long the names are', () => {
  const long = 'x'.repeat(50_000);
  const unknown = Array.from({ length: 30 }, (_, i) => `me @include(if: $v${i})`).join(' ');
  const errors = refusal(`query ${long} { ${unknown} }`);
  expect(errors.length).toBeGreaterThan(10);
  expect(JSON.stringify(errors).length).toBeLessThan(40_000);
  expect(errors[0]?.message).toMatch(/^Variable "\$v0" is not defined by operation "x+…$/);
});
