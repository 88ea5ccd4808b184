/** Against graphql-js: the same values, and the same errors for what is not right. VARIABLE_RUNS runs so many, not 500. */

import { inspect } from 'node:util';
import {
  buildSchema,
  GraphQLError,
  getVariableValues,
  isScalarType,
  Kind,
  type OperationDefinitionNode,
  parse,
} from 'graphql';
import { expect, test } from 'vitest';
import { Draws } from './testing/draws.ts';
import { variablesOf } from './variables.ts';

type Answer = ReturnType<typeof getVariableValues>;
const RUNS = Number(process.env.VARIABLE_RUNS ?? 500);

const schema = buildSchema(`
  scalar Odd
  enum Colour { RED GREEN }
  input Inner { n: Int!, s: String = "none", colours: [Colour!] = [RED], odd: Odd }
  input Outer { id: ID!, inner: Inner, many: [Inner!]!, self: Outer, flag: Boolean = true, deep: [[Float]] }
  input One @oneOf { a: Int, b: String }
  type Query { f(outer: Outer, one: One): Int }
`);
const odd = schema.getType('Odd');
if (!isScalarType(odd)) throw new Error('the schema has this scalar');
odd.parseValue = (value) => {
  if (value === 'throws') throw new GraphQLError('odd');
  return value === 'nothing' ? undefined : { odd: value };
};

const operation = (variables: string): OperationDefinitionNode => {
  const [definition] = parse(`query (${variables}) { __typename }`).definitions;
  if (definition?.kind !== Kind.OPERATION_DEFINITION) throw new Error('it is one');
  return definition;
};

const definitions =
  operation(
    '$outer: Outer!, $inner: Inner, $list: [Inner!], $one: One, $n: Int = 7, $s: String, $c: Colour, $none: Int',
  ).variableDefinitions ?? [];
const planned = variablesOf(schema, definitions);

/** Right as a rule; now and then anything. */
function draw(draws: Draws, shape: string, depth = 0): unknown {
  if (draws.below(40) === 0)
    return draws.of([
      () => null,
      () => undefined,
      () => 0,
      () => 'RED',
      () => [],
      () => [1],
      () => new Map(),
      () => ({ n: 1, more: 2 }),
    ])();
  const maybe = (name: string, of: string): object =>
    draws.below(3) === 0 || depth > 3 ? {} : { [name]: draw(draws, of, depth + 1) };
  const list = (of: string): unknown[] =>
    Array.from({ length: draws.below(3) }, () => draw(draws, of, depth + 1));
  switch (shape) {
    case 'Int':
      return draws.below(100) - 50;
    case 'String':
      return draws.of(['', 'text', '__proto__']);
    case 'Colour':
      return draws.of(['RED', 'GREEN']);
    case 'Odd':
      return draws.of<unknown>([
        1,
        'x',
        { deep: [1] },
        'x',
        2,
        draws.of<unknown>(['throws', 'nothing', 3, 4, 5]),
      ]);
    case 'ID':
      return draws.of<unknown>(['id', 7]);
    case 'Boolean':
      return draws.of([true, false]);
    case 'Floats':
      return list('Int').map((n) => (draws.below(20) === 0 ? n : [n, 0.5, null]));
    case 'Inners':
      return draws.below(20) === 0 ? draw(draws, 'Inner', depth) : list('Inner');
    case 'Colours':
      return list('Colour');
    case 'One':
      return draws.of<unknown>([{ a: 1 }, { b: 's' }, { b: 's' }, { a: 1, b: 's' }, { a: null }]);
    case 'Inner':
      return {
        n: draw(draws, 'Int'),
        ...maybe('s', 'String'),
        ...maybe('colours', 'Colours'),
        ...maybe('odd', 'Odd'),
      };
    default:
      return {
        id: draw(draws, 'ID'),
        ...maybe('inner', 'Inner'),
        many: draw(draws, 'Inners', depth + 1),
        ...maybe('self', 'Outer'),
        ...maybe('flag', 'Boolean'),
        ...maybe('deep', 'Floats'),
      };
  }
}

/** All of it: the order of names, prototypes, what is undefined. */
function expectSame(answer: Answer, expected: Answer, hint = ''): void {
  expect(answer.errors?.map(String), hint).toEqual(expected.errors?.map(String));
  expect(inspect(answer.coerced, { depth: 20 }), hint).toBe(inspect(expected.coerced, { depth: 20 }));
}

const inputsOf = (draws: Draws): Record<string, unknown> => {
  const shapes = { outer: 'Outer', inner: 'Inner', list: 'Inners', n: 'Int', s: 'String', c: 'Colour' };
  const inputs = Object.entries(shapes).filter(([name]) => name === 'outer' || draws.below(2) === 0);
  const drawn = Object.fromEntries(inputs.map(([name, shape]) => [name, draw(draws, shape)]));
  return draws.below(10) === 0 ? { ...drawn, one: draw(draws, 'One'), other: 1 } : drawn;
};

test('random variables are what graphql-js says they are, or as wrong', { timeout: 60_000 }, () => {
  const met = { right: 0, wrong: 0 };
  for (let seed = 0; seed < RUNS; seed++) {
    const inputs = inputsOf(new Draws(seed));
    const expected = getVariableValues(schema, definitions, inputs, { maxErrors: 20 });
    const answer = planned(inputs);
    expectSame(answer, expected, `seed ${seed}`);
    if (expected.coerced === undefined) met.wrong += 1;
    else met.right += 1;
  }
  expect(met.right).toBeGreaterThan(RUNS / 5);
  expect(met.wrong).toBeGreaterThan(RUNS / 10);
});

test('a type that is none for variables, and a name that is no ordinary property', () => {
  for (const variables of ['$none: Query', '$__proto__: Int', '$__proto__: Inner = { n: 1 }']) {
    const { variableDefinitions = [] } = operation(variables);
    for (const inputs of [{}, JSON.parse('{"__proto__":1}'), JSON.parse('{"__proto__":{"n":1}}')]) {
      expectSame(
        variablesOf(schema, variableDefinitions)(inputs),
        getVariableValues(schema, variableDefinitions, inputs, { maxErrors: 20 }),
      );
    }
  }
});

test('what is inherited and what is no field is not taken', () => {
  const [outer] = definitions;
  if (outer === undefined) throw new Error('there is one');
  const only = variablesOf(schema, [outer]);
  const right = { id: '1', many: [] };
  for (const value of [
    right,
    { ...right, more: 1 },
    Object.assign(Object.create({ flag: false }), right),
    Object.assign(Object.create(null), right),
    JSON.parse('{"id":"1","many":[],"__proto__":{"flag":false}}'),
  ]) {
    expectSame(only({ outer: value }), getVariableValues(schema, [outer], { outer: value }));
  }
  const inherited = Object.create({ outer: right });
  expectSame(only(inherited), getVariableValues(schema, [outer], inherited));
});
