import { buildSchema } from 'graphql';
import { describe, expect, test } from 'vitest';
import { createDocuments, isRefused } from './documents.ts';
import type { OperationRequest } from './request.ts';

const schema = buildSchema(`
  type Query { me(id: ID): String, people(first: Int): [String] }
  type Mutation { send(text: String!): String }
`);
const ME = 'query Me { me }';
const BOTH = 'query Me { me } mutation Send { send(text: "x") }';
const kept = new Map([
  ['a1', ME],
  ['sha256:b2', BOTH],
  ['bad', '{ you }'],
]);
const some = createDocuments(schema, { persisted: kept });
const any = createDocuments(schema);

const byHash = (sha256Hash: unknown): OperationRequest => ({
  extensions: { persistedQuery: { version: 1, sha256Hash } },
});
const messages = (documents: typeof some, request: OperationRequest): readonly string[] | null => {
  const checked = documents.check(request, true);
  if (!isRefused(checked)) return null;
  expect(checked.map(({ extensions }) => extensions.code)).toEqual(checked.map(() => 'BAD_USER_INPUT'));
  return checked.map(({ message }) => message);
};

describe('where documents are kept', () => {
  test.each<[string, OperationRequest]>([
    ['by the hash of a persisted query', byHash('a1')],
    ['with an empty text', { query: '', ...byHash('a1') }],
    ['with its text', { query: ME, ...byHash('a1') }],
    ['by its documentId', { documentId: 'a1' }],
    ['by its documentId with the algorithm', { documentId: 'sha256:a1' }],
    ['by its documentId as it is kept', { documentId: 'sha256:b2', operationName: 'Me' }],
    ['by its very text', { query: ME }],
    ['by the name of its operation', { query: BOTH, operationName: 'Send' }],
  ])('one runs %s', (_, request) => {
    expect(messages(some, request)).toBeNull();
  });

  test.each<[string, OperationRequest, RegExp]>([
    ['another text', { query: '{ __typename }' }, /Only documents that the operator has kept/],
    ['a text that differs by a space', { query: `${ME} ` }, /Only documents/],
    ['introspection', { query: '{ __schema { queryType { name } } }' }, /Only documents/],
    ['no text', {}, /Only documents/],
    ['an unknown hash', byHash('c3'), /^PersistedQueryNotFound$/],
    [
      'an unknown hash with a text that would be registered',
      { query: '{ me }', ...byHash('c3') },
      /^PersistedQueryNotFound$/,
    ],
    ['a known hash with another text', { query: '{ me }', ...byHash('a1') }, /names another document/],
    ['a hash that is no text', byHash(5), /Only documents/],
    ['a property of every object', { documentId: 'constructor' }, /^PersistedQueryNotFound$/],
    ['a kept one that is not valid', { documentId: 'bad' }, /Cannot query field "you"/],
    ['an operation that it has not', { documentId: 'a1', operationName: 'You' }, /no operation called "You"/],
  ])('never %s', (_, request, words) => {
    expect(messages(some, request)?.join()).toMatch(words);
  });
});

describe('where none are kept', () => {
  test('a hash beside a text is passed over', () => {
    expect(messages(any, { query: '{ me }', ...byHash('c3') })).toBeNull();
  });

  test('a hash alone is answered so that clients send the text', () => {
    expect(messages(any, byHash('a1'))).toEqual(['PersistedQueryNotSupported']);
    expect(messages(any, { query: '', documentId: 'a1' })).toEqual(['PersistedQueryNotSupported']);
  });

  test('no text and no hash is no request', () => {
    for (const extensions of [null, {}, { persistedQuery: null }, { persistedQuery: 'a1' }]) {
      expect(messages(any, { extensions })?.join()).toMatch(/Send a document/);
    }
  });
});
