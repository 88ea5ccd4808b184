/** Random operations on the odd schema: aliases, fragments, directives and arguments by literal and by variable. */
import type { Draws } from './draws.ts';

const LEAVES = ['name', 'title', 'must', 'count', 'kind', 'odd', 'words', 'numbers', '__typename'];
const OBJECTS: Readonly<Record<string, string>> = {
  a: 'A',
  aMust: 'A',
  b: 'B',
  list: 'A',
  listMust: 'A',
  deep: 'B',
  thing: 'Thing',
  thingMust: 'Thing',
  things: 'Thing',
  any: 'Any',
};
const ARGUMENTS = [
  'echo',
  'echo(text: "so", number: $n)',
  'echo(of: { numbers: [1, $n] })',
  'echo(of: $in, text: null)',
  'echo(odd: { a: 1, b: $n })',
  'needs(number: $n)',
  'needs(number: 3)',
];
const DIRECTIVES = [
  '@include(if: $yes)',
  '@skip(if: $no)',
  '@skip(if: $yes)',
  '@include(if: $maybe) @skip(if: false)',
];
const DEFINITIONS = '$n: Int = 5, $in: In, $yes: Boolean!, $no: Boolean!, $maybe: Boolean = true';
const ALIASES = ['x', 'y', 'z', '__proto__', 'constructor'];

export class RandomOperation {
  readonly #draws: Draws;
  readonly #fragments: string[] = [];
  #aliases = 0;

  constructor(draws: Draws) {
    this.#draws = draws;
  }

  text(): string {
    const kinds = ['query', 'mutation'] as const;
    const operations = kinds.map((kind) => {
      const type = kind === 'query' ? 'Query' : 'Mutation';
      return `${kind} ${kind}(${DEFINITIONS}) { used: echo(number: $n, of: $in) u: __typename @skip(if: $yes) @include(if: $no) v: __typename @include(if: $maybe) ${this.#selection(type, 4)} }`;
    });
    return [...operations, ...this.#fragments].join('\n');
  }

  variables(): Record<string, unknown> {
    const d = this.#draws;
    return {
      ...(d.below(2) ? { n: d.of([1, 2, null, 'no number']) } : {}),
      ...(d.below(2) ? { in: d.of([{ numbers: 4 }, { inner: { word: 'in' } }, null, { strange: 1 }]) } : {}),
      yes: d.below(2) === 1,
      no: d.below(2) === 1,
      ...(d.below(2) ? { maybe: d.of([true, false, null]) } : {}),
    };
  }

  #selection(type: string, depth: number): string {
    const parts = Array.from({ length: 1 + this.#draws.below(5) }, () => this.#part(type, depth));
    // A union has no fields of its own.
    return ['__typename', ...parts].join(' ');
  }

  #part(type: string, depth: number): string {
    const d = this.#draws;
    const kind = d.below(10);
    if (depth > 0 && (kind < 2 || type === 'Any')) return this.#inline(type, depth);
    if (type === 'Any') return '__typename';
    if (depth > 0 && kind === 2) return this.#named(type, depth);
    if (depth > 0 && kind < 7) {
      const [field, inner] = d.of(Object.entries(OBJECTS));
      return `${this.#alias()}${field} ${this.#directive()} { ${this.#selection(inner, depth - 1)} }`;
    }
    if (kind === 7) return `${this.#ownAlias()}${d.of(ARGUMENTS)} ${this.#directive()}`;
    return `${this.#alias()}${d.of(LEAVES)} ${this.#directive()}`;
  }

  #inline(type: string, depth: number): string {
    const on = this.#narrower(type);
    return `... on ${on} ${this.#directive()} { ${this.#selection(on, depth - 1)} }`;
  }

  #named(type: string, depth: number): string {
    const on = this.#narrower(type);
    const body = this.#selection(on, depth - 1);
    const name = `F${this.#fragments.length}`;
    this.#fragments.push(`fragment ${name} on ${on} { ${body} }`);
    return `...${name} ${this.#directive()} ${this.#draws.below(3) ? '' : `...${name}`}`;
  }

  #narrower(type: string): string {
    if (type === 'Thing' || type === 'Any') return this.#draws.of(['A', 'B', 'Thing']);
    return type === 'Query' || type === 'Mutation' ? type : this.#draws.of([type, 'Thing']);
  }

  #directive(): string {
    return this.#draws.below(5) ? '' : this.#draws.of(DIRECTIVES);
  }

  /** Few names, so that fields merge; those that cannot make a document that is not valid, and is not used. */
  #alias(): string {
    return this.#draws.below(12) ? '' : `${this.#draws.of(ALIASES)}: `;
  }

  #ownAlias(): string {
    this.#aliases += 1;
    return `e${this.#aliases}: `;
  }
}
