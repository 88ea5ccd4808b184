import { buildSchema, type GraphQLField, getIntrospectionQuery } from 'graphql';
import { describe, expect, test } from 'vitest';
import { schema as ours } from '../../../schema/index.ts';
import { limits } from '../../chat/limits.ts';
import { createDocuments, isRefused } from '../documents.ts';
import type { FieldCost } from './sizes.ts';

const schema = buildSchema(`
  interface Named { name: String }
  type Query { me: Person, people(first: Int, last: Int): People!, byIds(ids: [ID!]!): [Person], named: [Named!]! }
  type People { edges: [Edge!]!, nodes: [Person!]!, count: Int }
  type Edge { node: Person! }
  type Person implements Named { name: String, best: Person, friends(first: Int): People, tags: [String!]!, few(first: Int): [Person!]! }
  type Robot implements Named { name: String, serial: Int }
`);
const field = (type: string, name: string): GraphQLField<unknown, unknown> => {
  const found = schema.getType(type);
  if (!found || !('getFields' in found)) throw new Error(`no ${type}`);
  return found.getFields()[name] as GraphQLField<unknown, unknown>;
};
const cost = (type: string, name: string, said: FieldCost) => {
  field(type, name).extensions = { cost: said };
};
cost('Person', 'few', { size: 3 });
cost('Person', 'best', { weight: 7 });

/** The least limit under which it runs. */
function costOf(query: string, variables: Record<string, unknown> = {}, of = schema): number {
  const refused = createDocuments(of, { limits: { ...limits.operation, cost: 0 } }).check(
    { query, variables },
    true,
  );
  const [error] = isRefused(refused) ? refused : [];
  const [, values] = /may give (\d+) values/.exec(error?.message ?? '') ?? [];
  if (values === undefined) throw new Error(`no cost was named: ${error?.message}`);
  const isTaken = (most: number) =>
    !isRefused(
      createDocuments(of, { limits: { ...limits.operation, cost: most } }).check({ query, variables }, true),
    );
  expect([isTaken(Number(values)), isTaken(Number(values) - 1)]).toEqual([true, false]);
  return Number(values);
}

describe('what is asked for is counted', () => {
  test.each([
    ['a field', '{ me { name } }', 2],
    ['a page by its size', '{ people(first: 10) { edges { node { name } } } }', 1 + 10 * 3],
    ['a page by its other end', '{ people(last: 10) { nodes { name } } }', 1 + 10 * 2],
    ['a page of no stated size', '{ people { nodes { name } } }', 1 + 50 * 2],
    ['a page that is no list', '{ people(first: 10) { count } }', 2],
    ['an empty page', '{ people(first: 0) { nodes { name } } }', 1],
    [
      'pages within pages',
      '{ people(first: 10) { nodes { friends(first: 20) { nodes { name } } } } }',
      1 + 10 * (2 + 20 * 2),
    ],
    ['a list by its ids', '{ byIds(ids: ["1", "2", "3"]) { name } }', 3 * 2],
    ['some of any other list', '{ named { name } }', 5 * 2],
    ['as many as the schema says', '{ me { few { name } } }', 1 + 3 * 2],
    ['as many as it is asked for instead', '{ me { few(first: 9) { name } } }', 1 + 9 * 2],
    ['the weight that the schema says', '{ me { best { name } } }', 1 + 7 + 1],
    ['aliases', '{ a: me { name } b: me { name } }', 4],
    [
      'fragments wherever they are spread',
      '{ me { ...P best { ...P } } } fragment P on Person { name tags }',
      1 + 6 + 7 + 6,
    ],
    [
      'pages in a fragment',
      '{ people(first: 4) { ...P } } fragment P on People { nodes { name } count }',
      1 + 4 * 2 + 1,
    ],
    [
      'every type that it may be',
      '{ named { ... on Person { tags } ... on Robot { serial } ... { name } } }',
      5 * (1 + 5 + 1 + 1),
    ],
    ['more than a page holds as a page', '{ people(first: 1000000) { nodes { name } } }', 1 + 200 * 2],
    ['less than nothing as no answer to how many', '{ people(first: -5) { nodes { name } } }', 1 + 50 * 2],
  ])('%s', (_, query, expected) => {
    expect(costOf(query)).toBe(expected);
  });

  const page =
    'query ($n: Int = 30, $m: Int) { people(first: $n) { nodes { friends(first: $m) { count nodes { name } } } } }';
  test.each([
    [{ n: 10, m: 20 }, 1 + 10 * (3 + 20 * 2)],
    [{ n: 10 }, 1 + 10 * (3 + 50 * 2)],
    [{}, 1 + 30 * (3 + 50 * 2)],
    [{ n: null, m: null }, 1 + 50 * (3 + 50 * 2)],
    [{ n: 'x', m: {} }, 1 + 50 * (3 + 50 * 2)],
    [{ n: 1e9, m: 1e9 }, 1 + 200 * (3 + 200 * 2)],
  ])('sizes that come as variables: %j', (variables, expected) => {
    expect(costOf(page, variables)).toBe(expected);
  });

  test('ids that come as a variable', () => {
    const query = 'query ($ids: [ID!]!) { byIds(ids: $ids) { name } }';
    expect(costOf(query, { ids: ['1', '2'] })).toBe(4);
    expect(costOf(query, { ids: 'one' })).toBe(2);
  });

  test('a document whose price depends on variables is priced anew each time', () => {
    const documents = createDocuments(schema, { limits: { ...limits.operation, cost: 500 } });
    for (const n of [3, 100, 3, 100]) {
      expect(isRefused(documents.check({ query: page, variables: { n, m: 5 } }, true))).toBe(n === 100);
    }
  });
});

describe('fragments that spread each other', () => {
  const doubling = (levels: number) =>
    `{ me { ...F0 } } fragment F${levels} on Person { name } ${Array.from(
      { length: levels },
      (_, i) => `fragment F${i} on Person { a${i}: best { ...F${i + 1} } b${i}: best { ...F${i + 1} } }`,
    ).join(' ')}`;

  test('stand for more fields than are counted', () => {
    const documents = createDocuments(schema, { limits: { ...limits.operation, depth: 1_000, cost: 1e9 } });
    const [error] = [documents.check({ query: doubling(11) }, true)].flat();
    expect(error).toMatchObject({ extensions: { code: 'QUERY_TOO_COMPLEX' } });
    expect(isRefused(documents.check({ query: doubling(10) }, true))).toBe(false);
  });

  test('one after the other, again and again', () => {
    const chain = Array.from({ length: 200 }, (_, i) => `fragment F${i} on Person { ...F${i + 1} }`).join(
      ' ',
    );
    const query = (times: number) =>
      `{ me { ${'...F0 '.repeat(times)} } } ${chain} fragment F200 on Person { name }`;
    const taken = (times: number) => !isRefused(createDocuments(schema).check({ query: query(times) }, true));
    expect([taken(40), taken(60)]).toEqual([true, false]);
  });

  test('without a field in between as well', () => {
    const empty = Array.from(
      { length: 40 },
      (_, i) => `fragment F${i} on Person { ...F${i + 1} ...F${i + 1} }`,
    );
    const query = `{ me { ...F0 } } fragment F40 on Person { name } ${empty.join(' ')}`;
    expect(createDocuments(schema).check({ query }, true)).toMatchObject([
      { extensions: { code: 'QUERY_TOO_COMPLEX' } },
    ]);
  });
});

describe('the real schema', () => {
  const MESSAGE = `fragment M on Message {
    id seq text metadata createdAt editedAt deletedAt clientMessageId isPinned replyCount
    author { id handle name avatarUrl isBot presence deactivatedAt }
    mentions { kind start length user { id handle name } }
    reactions { id emoji count viewerHasReacted users { id name } }
    thread { id head viewerMembership { id unreadCount } }
    channel { id name }
  }`;
  const isTaken = (query: string, variables = {}) =>
    !isRefused(
      createDocuments(ours).check(
        { query: `${query} ${query.includes('...M') ? MESSAGE : ''}`, variables },
        true,
      ),
    );

  test.each([
    [
      'the largest page',
      '{ channel(id: "x") { messages(last: 200) { totalCount position pageInfo { hasNextPage } edges { cursor node { ...M } } } } }',
    ],
    [
      'the largest sidebar',
      '{ viewer { memberships(first: 200) { edges { node { id title unreadCount channel { id name head lastMessage { ...M } } } } } } }',
    ],
    [
      'a first screen: 50 channels with 50 messages each',
      '{ viewer { memberships { edges { node { title channel { id messages { position edges { node { id seq text createdAt author { id name } reactions { emoji count } } } } } } } } } }',
    ],
    [
      '200 nodes of any type',
      `{ nodes(ids: ${JSON.stringify(Array(200).fill('x'))}) { id ... on Message { ...M } ... on Channel { id name } } }`,
    ],
    [
      'everything that happens',
      'subscription { events { cursor ... on MessagePosted { message { ...M } } ... on MessageUpdated { message { ...M } } ... on Notified { notification { message { ...M } } } } }',
    ],
    [
      'as deep as there is a reason to go',
      '{ viewer { memberships { edges { node { channel { messages(last: 1) { edges { node { thread { messages(last: 1) { edges { node { reactions { users { organization { name } } } } } } } } } } } } } } } }',
    ],
    [
      "GraphiQL's introspection",
      getIntrospectionQuery({
        schemaDescription: true,
        specifiedByUrl: true,
        directiveIsRepeatable: true,
        inputValueDeprecation: true,
      }),
    ],
  ])('a client may ask for %s', (_, query) => {
    expect(isTaken(query)).toBe(true);
  });

  test.each([
    [
      '200 channels with 200 messages each',
      '{ viewer { memberships(first: 200) { edges { node { channel { messages(last: 200) { edges { node { text } } } } } } } } }',
    ],
    [
      'every message with the page that it is of',
      '{ channel(id: "x") { messages(last: 200) { edges { node { channel { messages(last: 200) { edges { node { seq } } } } } } } } }',
    ],
    [
      'a channel for ever',
      `{ channel(id: "x") { ${'lastMessage { channel { '.repeat(12)} id ${'} } '.repeat(12)} } }`,
    ],
    [
      'many searches through logs',
      `{ viewer { memberships(first: 200) { edges { node { channel { ${Array.from({ length: 20 }, (_, i) => `c${i}: cursorAt(date: "2026-01-01T00:00:00Z")`).join(' ')} } } } } } }`,
    ],
    [
      'the schema over and over',
      `{ ${Array.from({ length: 20 }, (_, i) => `s${i}: __schema { types { ...FullType } }`).join(' ')} } ${getIntrospectionQuery().slice(getIntrospectionQuery().indexOf('fragment FullType'))}`,
    ],
  ])('nobody may ask for %s', (_, query) => {
    expect(isTaken(query)).toBe(false);
  });

  test('each event of a subscription may cost a tenth', () => {
    const event = (last: number) =>
      `subscription { events { ... on MessagePosted { message { channel { messages(last: ${last}) { edges { node { seq author { name } } } } } } } } }`;
    expect([isTaken(event(200)), isTaken(event(200).replace('seq', '...M'))]).toEqual([true, false]);
  });

  test('a send costs next to nothing', () => {
    const send = `mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { ...M } } } ${MESSAGE}`;
    expect(costOf(send, { input: { text: 'x' } }, ours)).toBeLessThan(200);
  });
});
