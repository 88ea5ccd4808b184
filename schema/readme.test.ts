/** Every GraphQL document that the README and the page for clients show is one that this schema takes. */
import { readFileSync } from 'node:fs';
import { GraphQLEnumType, parse, validate } from 'graphql';
import { expect, test } from 'vitest';
import { schema } from './index.ts';

const [readme = '', clients = ''] = ['../README.md', '../docs/clients.md'].map((path) =>
  readFileSync(new URL(path, import.meta.url), 'utf8'),
);
const documents = [...`${readme}${clients}`.matchAll(/^```graphql\n([\s\S]*?)^```/gm)].map(
  (match) => match[1] ?? '',
);

test('the README shows queries, mutations and subscriptions', () => {
  const shown = documents.join('\n');
  for (const one of [
    'mutation Send',
    'subscription Everything',
    'subscription Team',
    'mutation Move',
    'query Badges',
    'mutation Renew',
  ]) {
    expect(shown).toContain(one);
  }
});

test.each(documents)('%s', (document) => {
  expect(validate(schema, parse(document))).toEqual([]);
});

test('the page for clients says what to do about each code of an error that there is by now', () => {
  const codes = schema.getType('ErrorCode');
  if (!(codes instanceof GraphQLEnumType)) throw new Error('ErrorCode is an enum');
  // Said in the schema for when the cost of a query will be limited.
  const names = codes.getValues().flatMap(({ name }) => (name === 'QUERY_TOO_COMPLEX' ? [] : [name]));
  for (const name of names) expect(clients).toMatch(new RegExp(`^\\|.*\`${name}\`.*\\|`, 'm'));
});
