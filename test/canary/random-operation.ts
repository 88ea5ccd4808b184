/**
 * Random operations over the whole schema, drawn from the schema itself: a field that is added is among them without a word
 * here. Every argument is drawn by its name and type from what the attacker has.
 */
import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';

/** A value for an argument of this name and named type; undefined: draw it by its type. */
export type Draw = (name: string, type: string) => string | undefined;

/** A thing is asked for by its id or by its handle; with both the server says no before it looks. */
const EITHER = ['id', 'handle'];

export interface RootField {
  readonly kind: 'query' | 'mutation' | 'subscription';
  readonly field: GraphQLField<unknown, unknown>;
}

/** Every operation that there is. */
export function rootFields(schema: GraphQLSchema): RootField[] {
  const of = (kind: RootField['kind'], type: GraphQLObjectType | null | undefined): RootField[] =>
    Object.values(type?.getFields() ?? {}).map((field) => ({ kind, field }));
  return [
    ...of('query', schema.getQueryType()),
    ...of('mutation', schema.getMutationType()),
    ...of('subscription', schema.getSubscriptionType()),
  ];
}

const DEPTH = 3;
const OPTIONAL = 0.5;
const FIELDS = 0.6;

export class RandomOperation {
  readonly #schema: GraphQLSchema;
  readonly #random: () => number;
  readonly #draw: Draw;
  #aliases = 0;

  constructor(schema: GraphQLSchema, random: () => number, draw: Draw) {
    this.#schema = schema;
    this.#random = random;
    this.#draw = draw;
  }

  text({ kind, field }: RootField): string {
    return `${kind} { ${this.#asked(field, DEPTH, true)} }`;
  }

  #below(n: number): number {
    return Math.floor(this.#random() * n);
  }

  #asked(field: GraphQLField<unknown, unknown>, depth: number, isRoot: boolean): string {
    const args = this.#args(field, isRoot);
    const type = getNamedType(field.type);
    const alias = isRoot ? '' : `a${this.#aliases++}: `;
    return `${alias}${field.name}${args} ${this.#selection(type, depth)}`;
  }

  /** Pages are asked for in one way at a time; most of the time. */
  #args({ name: field, args }: GraphQLField<unknown, unknown>, isRoot: boolean): string {
    const ways = ['first', 'last', 'around', 'aroundUnread'];
    const way = ways[this.#below(ways.length)];
    const either = EITHER.every((name) => args.some((arg) => arg.name === name));
    const other = EITHER[this.#below(2)];
    const given = args
      .filter(({ name }) => !either || name !== other)
      .filter(({ name }) => !ways.includes(name) || name === way || this.#random() < 0.05)
      .map((arg) =>
        this.#given(arg, either && EITHER.includes(arg.name) ? 1 : isRoot ? 0.7 : OPTIONAL, field),
      )
      .filter((text) => text !== '');
    // Whole pages within whole pages are more than an operation may ask for.
    const isPaged = args.some(({ name }) => name === 'first');
    const isSized = given.some((text) => ways.some((one) => text.startsWith(`${one}:`)));
    if (isPaged && !isSized) given.push(`first: ${this.#below(5)}`);
    return given.length === 0 ? '' : `(${given.join(', ')})`;
  }

  #given({ name, type }: GraphQLArgument | GraphQLInputField, chance: number, field: string): string {
    if (!isNonNullType(type) && this.#random() >= chance) return '';
    // What an id is of, its field says.
    return `${name}: ${this.#value(name === 'id' ? `${field}Id` : name, type)}`;
  }

  #value(name: string, type: GraphQLInputType): string {
    if (isNonNullType(type)) return this.#value(name, type.ofType);
    if (isListType(type)) {
      return `[${Array.from({ length: 1 + this.#below(3) }, () => this.#value(name, type.ofType)).join(', ')}]`;
    }
    if (isInputObjectType(type)) {
      const given = Object.values(type.getFields()).map((field) => this.#given(field, OPTIONAL, name));
      return `{ ${given.filter((text) => text !== '').join(', ')} }`;
    }
    if (isEnumType(type)) {
      const values = type.getValues();
      return values[this.#below(values.length)]?.name ?? 'null';
    }
    const drawn = this.#draw(name, type.name);
    if (drawn !== undefined) return JSON.stringify(drawn);
    switch (type.name) {
      case 'Int':
        return String(this.#below(6));
      case 'Boolean':
        return String(this.#random() < 0.5);
      case 'DateTime':
        return '"2026-01-01T00:00:00.000Z"';
      case 'JSONObject':
        return '{ n: 1 }';
      default:
        return '"x"';
    }
  }

  #selection(type: GraphQLOutputType, depth: number): string {
    if (!isObjectType(type) && !isInterfaceType(type)) return '';
    const parts = ['__typename'];
    for (const field of Object.values(type.getFields())) {
      const isLeaf = !isObjectType(getNamedType(field.type)) && !isInterfaceType(getNamedType(field.type));
      if ((isLeaf || depth > 0) && this.#random() < FIELDS) parts.push(this.#asked(field, depth - 1, false));
    }
    if (isAbstractType(type) && depth > 0) {
      for (const possible of this.#schema.getPossibleTypes(type))
        if (this.#random() < 0.4)
          parts.push(`... on ${possible.name} ${this.#selection(possible, depth - 1)}`);
    }
    return `{ ${parts.join(' ')} }`;
  }
}
