/** Every GraphQL document that the README shows is one that this schema takes. */
import { readFileSync } from 'node:fs';
import { parse, validate } from 'graphql';
import { expect, test } from 'vitest';
import { schema } from './index.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const documents = [...readme.matchAll(/^```graphql\n([\s\S]*?)^```/gm)].map((match) => match[1] ?? '');

test('the README shows queries, mutations and subscriptions', () => {
  const shown = documents.join('\n');
  for (const one of ['mutation Send', 'subscription Everything', 'subscription Team', 'mutation Move']) {
    expect(shown).toContain(one);
  }
});

test.each(documents)('%s', (document) => {
  expect(validate(schema, parse(document))).toEqual([]);
});
