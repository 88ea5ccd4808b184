/**
 * A schema with every kind of type, whose fields do whatever may happen: answer at once or later, with nothing, with
 * too little, with the wrong thing, with an error that is thrown, rejected or given back. What a field does depends on
 * its place and on a seed alone, so that two executions of one operation meet the same. With an even seed all goes well.
 */
import {
  buildSchema,
  type GraphQLFieldResolver,
  GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isAbstractType,
  isLeafType,
  isListType,
  isNonNullType,
  responsePathAsArray,
} from 'graphql';
import { drawn } from './draws.ts';

const FIELDS = `
  name: String
  title: String!
  must: String!
  count: Int!
  kind: Kind
  odd: Odd
  words: [String!]
  numbers: [Int]!
  echo(text: String = "left out", number: Int, of: In, odd: Odd): String
  needs(number: Int!): String!
  a: A
  aMust: A!
  b: B
  list: [A]
  listMust: [A!]!
  deep: [[B!]]
  thing: Thing
  thingMust: Thing!
  things: [Thing!]
  any: Any
`;

const SDL = `
  enum Kind { RED GREEN }
  scalar Odd
  input In { word: String! = "none", numbers: [Int!], inner: In }
  interface Thing { ${FIELDS} }
  union Any = A | B
  type A implements Thing { ${FIELDS} }
  type B implements Thing { ${FIELDS} own: String }
  type Query { ${FIELDS} }
  type Mutation { ${FIELDS} }
`;

/** What is seen of a call: in which order, for what, with what. */
export type Call = string;

export interface Asked {
  readonly seed: number;
  readonly calls: Call[];
}

const LEAVES: Readonly<Record<string, readonly unknown[]>> = {
  String: ['word', '"quoted"', 7, true],
  Int: [1, 2.5, '3', 'no number'],
  Kind: ['RED', 'GREEN', 'BLUE'],
  Odd: [{ after: 'then' }, [1, null], 'refused', null],
};

export function oddSchema(): GraphQLSchema {
  const schema = buildSchema(SDL);
  for (const type of Object.values(schema.getTypeMap())) {
    if (type instanceof GraphQLObjectType && !type.name.startsWith('__')) {
      // These are left to graphql-js's own resolver, which takes them from the object or calls them there.
      for (const field of Object.values(type.getFields()))
        if (!['name', 'title'].includes(field.name)) field.resolve = resolve;
    }
  }
  const [thing, b, odd] = [schema.getType('Thing'), schema.getType('B'), schema.getType('Odd')];
  if (!isAbstractType(thing) || !(b instanceof GraphQLObjectType) || odd === undefined)
    throw new Error('no types');
  thing.resolveType = (value, { seed }: Asked, { path }) => {
    const place = `${responsePathAsArray(path).join('.')}`;
    const name = !isCalm(seed) && drawn(seed, `type ${place}`, 40) === 0 ? 'Kind' : String(value.__typename);
    return drawn(seed, `types later ${place}`, 3) === 0 ? Promise.resolve(name) : name;
  };
  b.isTypeOf = (value, { seed }: Asked, { path }) => {
    const isOther = drawn(seed, `is ${responsePathAsArray(path).join('.')}`, 40) === 0;
    const isIt = value.__typename === 'B' && (isCalm(seed) || !isOther);
    return drawn(seed, `is later ${responsePathAsArray(path).join('.')}`, 3) === 0
      ? Promise.resolve(isIt)
      : isIt;
  };
  Object.assign(odd, {
    serialize: (value: unknown) => {
      if (value === 'refused') throw new Error('an odd value');
      return value;
    },
  });
  return schema;
}

const resolve: GraphQLFieldResolver<unknown, Asked> = (_source, args, { seed, calls }, info) => {
  const place = responsePathAsArray(info.path).join('.');
  calls.push(
    JSON.stringify([
      place,
      info.path.typename,
      info.parentType.name,
      info.fieldName,
      String(info.returnType),
      info.fieldNodes.length,
      args,
      info.variableValues,
      info.operation.operation,
      Object.keys(info.fragments).length,
      info.rootValue,
    ]),
  );
  return outcome(seed, place, () => valueAt(seed, place, info.returnType), asThrown);
};

/** What becomes of a value on its way. */
function outcome(seed: number, place: string, make: () => unknown, fail: (error: Error) => unknown): unknown {
  const what = drawn(seed, `outcome ${place}`, 24);
  switch (isCalm(seed) && what < 9 ? 4 + (what % 3) : what) {
    case 0:
      return null;
    case 1:
      return fail(new Error(`thrown at ${place}`));
    case 2:
      return new Error(`given back at ${place}`);
    case 3:
      return later(seed, place).then(() => Promise.reject(new Error(`rejected at ${place}`)));
    case 4:
    case 5:
    case 6:
      return later(seed, place).then(make);
    case 7:
      return later(seed, place).then(() => undefined);
    case 8:
      return 'not what was asked for';
    default:
      return make();
  }
}

const isCalm = (seed: number): boolean => seed % 2 === 0;

const asThrown = (error: Error): never => {
  throw error;
};
/** The rest of a list is made before any of it is looked at. */
const asGiven = (error: Error): Error => error;

async function later(seed: number, place: string): Promise<void> {
  for (let ticks = drawn(seed, `ticks ${place}`, 6); ticks > 0; ticks--) await null;
}

function valueAt(seed: number, place: string, type: Parameters<typeof getNullableType>[0]): unknown {
  const nullable = getNullableType(type);
  if (isListType(nullable)) {
    return Array.from({ length: drawn(seed, `length ${place}`, 4) }, (_, i) => {
      const at = `${place}.${i}`;
      const item = () => outcome(seed, at, () => valueAt(seed, at, nullable.ofType), asGiven);
      // Where graphql-js gives a list up at an item that must not be null, it leaves those before it to reject unheard.
      return isNonNullType(nullable.ofType) ? later(seed, at).then(item) : item();
    });
  }
  const named = getNamedType(nullable);
  if (named && isLeafType(named)) {
    const values = LEAVES[named.name] ?? [];
    // The first of them mostly: what is wrong ends too much.
    return values[isCalm(seed) ? 0 : Math.max(0, drawn(seed, `value ${place}`, 12) - 12 + values.length)];
  }
  const own = named?.name === 'A' || named?.name === 'B' ? named.name : drawn(seed, place, 2) ? 'A' : 'B';
  return new Thing(seed, place, own);
}

class Thing {
  readonly __typename: string;
  readonly name: string | (() => string);
  readonly #seed: number;
  readonly #place: string;

  constructor(seed: number, place: string, type: string) {
    this.__typename = type;
    this.name = drawn(seed, `called ${place}`, 2) ? place : () => `called at ${place}`;
    this.#seed = seed;
    this.#place = place;
  }

  get title(): unknown {
    return outcome(this.#seed, `${this.#place} title`, () => 'title', asThrown);
  }
}
