/**
 * Against graphql-js: the same answers to the byte, errors and their order among them, and the same calls of resolvers
 * in the same order. PLAN_RUNS runs so many random operations instead of some.
 */

import { setImmediate as turn } from 'node:timers/promises';
import {
  buildSchema,
  type DocumentNode,
  type ExecutionResult,
  execute,
  getIntrospectionQuery,
  parse,
  validate,
} from 'graphql';
import { expect, test, vi } from 'vitest';
import { executePlanned } from './execute-planned.ts';
import { Draws } from './testing/draws.ts';
import { type Asked, oddSchema } from './testing/odd-schema.ts';
import { RandomOperation } from './testing/random-operation.ts';

const RUNS = Number(process.env.PLAN_RUNS ?? 60);
const schema = oddSchema();

type Execute = typeof execute | typeof executePlanned;
type Given = Omit<Parameters<typeof execute>[0], 'schema' | 'contextValue' | 'rootValue'>;

interface Seen {
  readonly json: string;
  readonly calls: Asked['calls'];
}

/** What is masked: it tells of the value, and only the operator's log shows it. */
const forTheLog = (message: string): string =>
  message.replace(
    /^(Expected value of type "\w+"|.*(is no type that a value|Abstract type|was resolved to|Runtime Object type).*|.*\.serialize).*/s,
    'for the log',
  );

const jsonOf = ({ data, errors }: ExecutionResult): string =>
  JSON.stringify({
    data,
    errors: errors?.map((error) => ({ ...error.toJSON(), message: forTheLog(error.message) })),
  });

async function seen(by: Execute, given: Given, seed: number): Promise<Seen> {
  const calls: string[] = [];
  const result = await by({
    schema,
    ...given,
    contextValue: { seed, calls },
    rootValue: { name: 'root', title: 'root' },
  });
  // Fields go on beneath what is null already.
  await turn();
  return { json: jsonOf(result), calls };
}

function randomOperation(
  seed: number,
): { readonly document: DocumentNode; readonly random: RandomOperation } | null {
  const random = new RandomOperation(new Draws(seed));
  const document = parse(random.text());
  return validate(schema, document).length === 0 ? { document, random } : null;
}

test('random operations answer and call as with graphql-js', { timeout: 60_000 + RUNS * 200 }, async () => {
  const met = { errors: 0, data: 0, mutations: 0 };
  for (let seed = 0, run = 0; run < RUNS; seed++) {
    const drawn = randomOperation(seed);
    if (drawn === null) continue;
    run += 1;
    for (const operationName of ['query', 'mutation', 'query']) {
      const given = { document: drawn.document, operationName, variableValues: drawn.random.variables() };
      const expected = await seen(execute, given, seed);
      expect(await seen(executePlanned, given, seed), `seed ${seed}`).toEqual(expected);
      if (expected.json.includes('"errors"')) met.errors += 1;
      if (expected.json.length > 300 && !expected.json.includes('"errors"')) met.data += 1;
      if (operationName === 'mutation' && expected.calls.length > 3) met.mutations += 1;
    }
  }
  // Both ends of what may happen were there, or little was compared.
  expect(met.errors).toBeGreaterThan(RUNS / 3);
  expect(met.data).toBeGreaterThan(RUNS / 5);
  expect(met.mutations).toBeGreaterThan(RUNS / 10);
});

const both = async (given: Given, seed = 0): Promise<string> => {
  const expected = await seen(execute, given, seed);
  expect(await seen(executePlanned, given, seed)).toEqual(expected);
  return expected.json;
};

test('what cannot run says why, as with graphql-js', async () => {
  const two = parse('query A { name } query B { must } fragment F on A { name }');
  expect(await both({ document: two })).toContain('Must provide operation name');
  expect(await both({ document: two, operationName: 'C' })).toContain('Unknown operation');
  expect(await both({ document: parse('fragment F on A { name }') })).toContain('Must provide an operation');
  const needy = parse('query ($n: Int!, $in: In!) { echo(number: $n, of: $in) }');
  expect(await both({ document: needy, variableValues: { in: { numbers: ['x', 'y'] } } })).toContain(
    '"errors"',
  );
});

test('the schema is told of itself', async () => {
  expect((await both({ document: parse(getIntrospectionQuery()) })).length).toBeGreaterThan(5_000);
});

test('what a variable leaves out is left out each time, whatever came before', async () => {
  const names = Array.from({ length: 6 }, (_, i) => `v${i}`);
  const document = parse(
    `query (${names.map((name) => `$${name}: Boolean!`).join()}) { a { ${names.map((name) => `${name}: __typename @include(if: $${name})`).join(' ')} } }`,
  );
  for (let i = 0; i < 130; i++) {
    const variableValues = Object.fromEntries(names.map((name, n) => [name, ((i >> n) & 1) === 1]));
    const json = await both({ document, variableValues }, 2);
    for (const name of names) expect(json.includes(name)).toBe(variableValues[name]);
  }
});

test('what one operation leaves out is not what another calls the same', async () => {
  const document = parse(`
    query A($x: Boolean!) { ...F }
    query B($x: String) { ...F echo(text: $x) }
    fragment F on Query { kind ...G }
    fragment G on Query { count @include(if: $x) }
  `);
  for (const x of [true, false, true]) await both({ document, operationName: 'A', variableValues: { x } }, 2);
  // Not valid, and still as with graphql-js.
  for (const x of ['true', 'false', 'x'])
    await both({ document, operationName: 'B', variableValues: { x } }, 2);
});

test('fragments that spread each other stand for more fields than are kept', async () => {
  const spreads = Array.from(
    { length: 9 },
    (_, i) =>
      `fragment F${i} on A { x: aMust { ...F${i + 1} } y: aMust { ...F${i + 1} } z: aMust { ...F${i + 1} } }`,
  ).slice(0, 6);
  const document = parse(`{ aMust { ...F0 } } ${spreads.join(' ')} fragment F6 on A { __typename count }`);
  const first = await both({ document }, 2);
  expect(first.length).toBeGreaterThan(2_000);
  expect(await both({ document }, 2)).toBe(first);
});

test('arguments of a mere property are looked at', async () => {
  const args = {
    schema: buildSchema('type Query { kind(of: Int!): String }'),
    document: parse('query ($n: Int = 1) { kind(of: $n) }'),
    rootValue: { kind: 'one' },
  };
  for (const variableValues of [{}, { n: null }]) {
    const given = { ...args, variableValues };
    expect(jsonOf(await executePlanned(given))).toBe(jsonOf(await execute(given)));
  }
});

test('a promise that a getter makes is made once', async () => {
  const read = vi.fn(async () => 'one');
  const rootValue = Object.defineProperty({}, 'kind', { get: read });
  const kinds = buildSchema('type Query { kind: String }');
  const result = await executePlanned({ schema: kinds, document: parse('{ kind }'), rootValue });
  expect(jsonOf(result)).toBe('{"data":{"kind":"one"}}');
  expect(read).toHaveBeenCalledTimes(1);
});

test('a list that is given up leaves no promise unheard', async () => {
  const unheard = vi.fn();
  process.on('unhandledRejection', unheard);
  const failing = async () => Promise.reject(new Error('late'));
  const result = await executePlanned({
    schema: buildSchema('type Query { list: [Item!] } type Item { one: Int! other: Int! }'),
    document: parse('{ list { one other } }'),
    // Its first item is under way when its second ends the list.
    rootValue: {
      list: [
        { one: failing, other: 1 },
        { one: 1, other: null },
      ],
    },
  });
  await turn();
  process.off('unhandledRejection', unheard);
  expect(result.errors?.map(({ path }) => path?.join('.'))).toEqual(['list.1.other']);
  expect(unheard).not.toHaveBeenCalled();
});

test('a document that was executed over one schema is executed over another', async () => {
  const document = parse('{ kind }');
  const answers = ['one', 'other'].map(async (value) => {
    const result = await executePlanned({
      schema: buildSchema('type Query { kind: String }'),
      document,
      rootValue: { kind: value },
    });
    return jsonOf(result);
  });
  await both({ document });
  expect(await Promise.all(answers)).toEqual(['{"data":{"kind":"one"}}', '{"data":{"kind":"other"}}']);
});
