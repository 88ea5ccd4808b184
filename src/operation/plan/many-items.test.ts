/** Lists that turn out to be far longer than they were reckoned to be. */
import { buildSchema, parse } from 'graphql';
import { expect, test } from 'vitest';
import { executePlanned } from './execute-planned.ts';
import { MAX_ITEMS } from './run.ts';

const schema = buildSchema(`
  type Query { rows(of: Int!): [Row!] name: String }
  type Row { cells: [String], later: [String] }
`);
const LENGTH = 1_000;
const cells = Array.from({ length: LENGTH }, () => 'x');
const rows = ({ of }: { of: number }) =>
  Array.from({ length: of }, () => ({ cells, later: () => Promise.resolve(cells) }));
const run = async (query: string) =>
  executePlanned({ schema, document: parse(query), rootValue: { rows, name: 'n' } });
/** Rows with which the answer holds as many items as it may, and no more. */
const MOST = Math.floor(MAX_ITEMS / (LENGTH + 1));

test.each(['cells', 'later'])(
  'as many as an answer may hold are given, and not one more: %s',
  async (field) => {
    const within = await run(`{ rows(of: ${MOST}) { ${field} } }`);
    expect(within.errors).toBeUndefined();
    expect(within.data?.rows).toHaveLength(MOST);
    const beyond = await run(`{ name rows(of: ${MOST + 1}) { ${field} } }`);
    expect(beyond.data).toBeNull();
    expect(beyond.errors).toMatchObject([{ extensions: { code: 'QUERY_TOO_COMPLEX' } }]);
  },
);

test('however many lists are given up, there is one error', async () => {
  const { errors } = await run('{ a: rows(of: 500) { cells later } b: rows(of: 500) { cells later } }');
  expect(errors).toHaveLength(1);
});

test('each execution counts for itself', async () => {
  for (let i = 0; i < 3; i += 1)
    expect((await run(`{ rows(of: ${MOST}) { cells } }`)).errors).toBeUndefined();
});
