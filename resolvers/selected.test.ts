import { type FieldNode, Kind, parse } from 'graphql';
import { expect, test } from 'vitest';
import { selectedBeneath } from './selected.ts';

/** As graphql-js hands a resolver the fields of this alias. */
function infoOf(document: string) {
  const { definitions } = parse(document);
  const fieldNodes: FieldNode[] = [];
  for (const definition of definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    for (const field of definition.selectionSet.selections)
      if (field.kind === Kind.FIELD) fieldNodes.push(field);
  }
  const fragments = Object.fromEntries(
    definitions.flatMap((one) => (one.kind === Kind.FRAGMENT_DEFINITION ? [[one.name.value, one]] : [])),
  );
  return { fieldNodes, fragments };
}

const namesOf = (document: string) => [...selectedBeneath(infoOf(document))].sort();

test('at any depth, by their names and not their aliases, through fragments of both kinds', () => {
  expect(namesOf('{ page { edges { node { seq writer: author { id } } } } }')).toEqual([
    'author',
    'edges',
    'id',
    'node',
    'seq',
  ]);
  expect(
    namesOf('{ page { ...A ... on X { b } } } fragment A on X { a { ...B } } fragment B on Y { c }'),
  ).toEqual(['a', 'b', 'c']);
});

test('of a field asked for twice: of both', () => {
  expect(namesOf('{ page { a } page { b } }')).toEqual(['a', 'b']);
});

test('a scalar has nothing beneath; a fragment in a circle, or none, ends', () => {
  expect(namesOf('{ page }')).toEqual([]);
  expect(namesOf('{ page { ...A ...Gone } } fragment A on X { a ...A }')).toEqual(['a']);
});

test('the same field of one document is read once', () => {
  const info = infoOf('{ page { a } }');
  expect(selectedBeneath(info)).toBe(selectedBeneath(info));
});
