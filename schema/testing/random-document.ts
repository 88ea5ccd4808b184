/**
 * Random subscriptions over the whole schema, drawn from the schema itself: aliases, fragments (named and inline, on
 * interfaces and on concrete types), directives with literals and variables, arguments by variable and by literal. A
 * type that is added is among them without a word here.
 */
import * as fc from 'fast-check';
import {
  type GraphQLArgument,
  type GraphQLField,
  GraphQLInterfaceType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isLeafType,
  isObjectType,
} from 'graphql';

/** Draws a value; what fc.gen() gives. */
export type Draw = <T>(arbitrary: () => fc.Arbitrary<T>) => T;

/** What arguments may be given, as GraphQL literals; whatever is not named here is left out. */
const literals: { readonly [name: string]: readonly string[] } = {
  first: ['0', '1', '3', '$first'],
  around: ['2', '$number'],
  aroundUnread: ['true', '$b1'],
  seq: ['1', '$number'],
  date: ['"2026-01-01T00:00:00.000Z"'],
  orderBy: ['NAME'],
};
/** What differs between viewers, and the way there: drawn more often than the rest. */
const favourites: ReadonlySet<string> = new Set([
  'MessagePosted',
  'MessageUpdated',
  'message',
  'reactions',
  'thread',
  'channel',
  'viewerHasReacted',
  'viewerMembership',
  'users',
]);
const MORE_OFTEN = 4;

const withFavourites = <T extends { readonly name: string }>(all: readonly T[]): T[] =>
  all.flatMap((one) => (favourites.has(one.name) ? Array.from({ length: MORE_OFTEN }, () => one) : [one]));

const DEPTH = 4;

/** Fields with an argument that must be given and that only a real cursor fits; and what changes while one looks. */
const LEFT_OUT: ReadonlySet<string> = new Set(['changedMessages']);

/** Variables of every document: name, type, and what a subscriber may give. */
export const variableTypes = {
  b1: 'Boolean!',
  b2: 'Boolean!',
  first: 'Int',
  number: 'Int! = 1',
  after: '[String!]',
  limit: 'Int',
} as const;

export class RandomDocument {
  readonly #schema: GraphQLSchema;
  readonly #draw: Draw;
  readonly #fragments = new Map<
    string,
    { readonly on: string; readonly name: string; readonly body: string }
  >();
  #aliases = 0;

  constructor(schema: GraphQLSchema, draw: Draw) {
    this.#schema = schema;
    this.#draw = draw;
  }

  /** Two operations, A and B, with all variables. */
  text(): string {
    const variables = Object.entries(variableTypes)
      .map(([name, type]) => `$${name}: ${type}`)
      .join(', ');
    // Every variable is used, which the rules ask for.
    const uses = 'used: __typename @include(if: $b1) @skip(if: $b2)';
    const more =
      '... on MessagePosted { used2: message { used3: reactions { used4: users(first: $first) { id } } used5: channel { used6: message(seq: $number) { seq } } } }';
    const operation = (name: string) =>
      `subscription ${name}(${variables}) { ${this.#alias()}events(after: $after, replayLimit: $limit) { ${uses} ${more} ${this.#selection(this.#event(), DEPTH)} } }`;
    const operations = [operation('A'), operation('B')];
    const fragments = [...this.#fragments.values()].map(
      ({ name, on, body }) => `fragment ${name} on ${on} ${body}`,
    );
    return [...operations, ...fragments].join('\n');
  }

  #event(): GraphQLInterfaceType {
    const event = this.#schema.getType('Event');
    if (!(event instanceof GraphQLInterfaceType)) throw new Error('no Event');
    return event;
  }

  #selection(type: GraphQLObjectType | GraphQLInterfaceType, depth: number): string {
    // Most of all on the event itself, which has some twenty types.
    const parts = this.#draw(() =>
      fc.integer(depth === DEPTH ? { min: 6, max: 14 } : { min: 1, max: depth > 2 ? 5 : 4 }),
    );
    return Array.from({ length: parts }, () => this.#part(type, depth)).join(' ') || '__typename';
  }

  #part(type: GraphQLObjectType | GraphQLInterfaceType, depth: number): string {
    const kind = this.#draw(() => fc.integer({ min: 0, max: 9 }));
    if (kind < (isAbstractType(type) ? 7 : 2) && depth > 0) return this.#fragment(type, depth);
    return this.#field(type, depth);
  }

  #fragment(type: GraphQLObjectType | GraphQLInterfaceType, depth: number): string {
    const on = this.#narrower(type);
    const isNamed = this.#draw(() => fc.boolean());
    if (!isNamed) {
      const condition = on === type && this.#draw(() => fc.boolean()) ? '' : `on ${on.name}`;
      return `... ${condition} ${this.#directives()} { ${this.#selection(on, depth - 1)} }`;
    }
    const known = [...this.#fragments.values()].filter(
      (fragment) => fragment.on === on.name && fragment.body !== '',
    );
    const again = known.length > 0 && this.#draw(() => fc.boolean()) ? known[0] : undefined;
    const name = again?.name ?? `F${this.#fragments.size}`;
    if (again === undefined) {
      // Empty while it is drawn: so that it is not spread within itself.
      this.#fragments.set(name, { on: on.name, name, body: '' });
      this.#fragments.set(name, { on: on.name, name, body: `{ ${this.#selection(on, depth - 1)} }` });
    }
    return `...${name} ${this.#directives()}`;
  }

  #narrower(type: GraphQLObjectType | GraphQLInterfaceType): GraphQLObjectType | GraphQLInterfaceType {
    if (!isAbstractType(type)) {
      const wider = [type, ...type.getInterfaces()];
      return this.#draw(() => fc.constantFrom(...wider));
    }
    return this.#draw(() => fc.constantFrom(type, ...withFavourites(this.#schema.getPossibleTypes(type))));
  }

  #field(type: GraphQLObjectType | GraphQLInterfaceType, depth: number): string {
    const fields = Object.values(type.getFields()).filter(
      (field) => !LEFT_OUT.has(field.name) && (depth > 0 || isLeafType(getNamedType(field.type))),
    );
    const [first, ...rest] = withFavourites(fields);
    if (first === undefined) return '__typename';
    const field = this.#draw(() => fc.constantFrom(first, ...rest));
    return this.#asked(field, depth);
  }

  #asked(field: GraphQLField<unknown, unknown>, depth: number): string {
    const args = this.#onePaging(field.args)
      .map((arg) => this.#argument(arg))
      .filter((text) => text !== '');
    // Two of one name with other arguments would not merge.
    const alias = field.args.length > 0 || this.#draw(() => fc.boolean()) ? this.#alias() : '';
    const given = args.length > 0 ? `(${args.join(', ')})` : '';
    const inner = getNamedType(field.type);
    const selection =
      isObjectType(inner) || inner instanceof GraphQLInterfaceType
        ? `{ ${this.#selection(inner, depth - 1)} }`
        : '';
    return `${alias}${field.name}${given} ${this.#directives()} ${selection}`;
  }

  /** Pages are asked for in one way at a time. */
  #onePaging(args: readonly GraphQLArgument[]): readonly GraphQLArgument[] {
    const way = this.#draw(() => fc.constantFrom('first', 'around', 'aroundUnread'));
    return args.filter(({ name }) => name === way || !['first', 'around', 'aroundUnread'].includes(name));
  }

  #argument(arg: GraphQLArgument): string {
    const [first, ...rest] = literals[arg.name] ?? [];
    if (first === undefined) return '';
    const isNeeded = 'ofType' in arg.type && arg.name === 'seq';
    if (!(isNeeded || arg.name === 'date') && this.#draw(() => fc.boolean())) return '';
    return `${arg.name}: ${this.#draw(() => fc.constantFrom(first, ...rest))}`;
  }

  #directives(): string {
    const none = fc.constant('');
    const some = fc.constantFrom(
      '@include(if: $b1)',
      '@skip(if: $b2)',
      '@skip(if: false)',
      '@include(if: $b2) @skip(if: $b1)',
    );
    return this.#draw(() => fc.oneof({ weight: 4, arbitrary: none }, { weight: 1, arbitrary: some }));
  }

  #alias(): string {
    this.#aliases += 1;
    return `a${this.#aliases}: `;
  }
}
