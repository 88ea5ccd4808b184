import { buildSchema, getOperationAST, parse, validate } from 'graphql';
import { expect, test } from 'vitest';
import { resumeVariables, withoutResume } from './resume-variables.ts';

const schema = buildSchema(`
  type Query { x: String }
  type Page { text(after: String): String }
  type Event { page(after: String, replayLimit: Int): Page }
  type Subscription {
    events(after: [String!], replayLimit: Int, of: String): Event
    one(after: String!, all: [String!]!): Event
  }
`);

function resuming(text: string): string[] {
  const document = parse(text);
  expect(validate(schema, document)).toEqual([]);
  return [...resumeVariables(schema, document)].sort();
}

test.each([
  [
    'the whole argument',
    'subscription($a: [String!], $n: Int) { events(after: $a, replayLimit: $n) { __typename } }',
    ['a', 'n'],
  ],
  ['inside a list', 'subscription($a: String!) { events(after: ["x", $a]) { __typename } }', ['a']],
  [
    'in a fragment on the root',
    'subscription($a: [String!]) { ...F } fragment F on Subscription { live: events(after: $a) { __typename } }',
    ['a'],
  ],
  [
    'inline on the root',
    'subscription($a: [String!]) { ... on Subscription { events(after: $a) { __typename } } }',
    ['a'],
  ],
  ['another argument too', 'subscription($a: String!) { events(after: [$a], of: $a) { __typename } }', []],
  [
    'a deeper `after` too',
    'subscription($a: String!, $n: Int) { events(after: [$a], replayLimit: $n) { page(after: $a, replayLimit: $n) { __typename } } }',
    [],
  ],
  [
    'a directive too',
    'subscription($n: Int, $if: Boolean!) { events(replayLimit: $n) { page @include(if: $if) { __typename } } }',
    ['n'],
  ],
  [
    'a directive inside the root field only',
    'subscription($of: String) { events(of: $of) { __typename } }',
    [],
  ],
])('%s', (_, text, expected) => {
  expect(resuming(text)).toEqual(expected);
});

test('what must be there is as empty as its type lets it be; what need not be is left out', () => {
  const document = parse(
    'subscription($a: String!, $all: [String!]!, $n: Int!, $d: Int! = 5, $o: Int, $of: String, $none: String) { x }',
  );
  const operation = getOperationAST(document);
  if (!operation) throw new Error('no operation');
  const variables = { a: 'c1', all: ['c1'], n: 7, d: 8, o: 9, of: 'kept', undeclared: 1 };
  expect(withoutResume(operation, new Set(['a', 'all', 'n', 'd', 'o']), variables)).toEqual({
    a: '',
    all: [],
    n: 0,
    of: 'kept',
  });
});
