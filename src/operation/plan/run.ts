/** One execution of a plan: what all its fields share, and the errors it comes to. */
import {
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type ResponsePath,
} from 'graphql';

export interface Run {
  readonly schema: GraphQLSchema;
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>;
  readonly operation: OperationDefinitionNode;
  readonly variableValues: Readonly<Record<string, unknown>>;
  readonly rootValue: unknown;
  readonly contextValue: unknown;
  readonly errors: RunErrors;
  readonly items: RunItems;
}

/** What went wrong, but for what lies beneath a place that is null already because of another error. */
export class RunErrors {
  readonly #nulled = new Set<ResponsePath | undefined>();
  readonly list: GraphQLError[] = [];

  /** @param path of the field that is null because of it; undefined when all of the data is. */
  add(error: GraphQLError, path: ResponsePath | undefined): void {
    if (this.#isNulled(path)) return;
    this.#nulled.add(path);
    this.list.push(error);
  }

  #isNulled(path: ResponsePath | undefined): boolean {
    for (let at = path; at !== undefined; at = at.prev) if (this.#nulled.has(at)) return true;
    return this.#nulled.has(undefined);
  }
}

/**
 * Items of all lists that an answer may hold. What an operation costs is reckoned before it runs, and a list of which
 * nobody knows the length counts as a few: where there are hundreds in each of thousands, the answer is given up.
 */
export const MAX_ITEMS = 100_000;

/** Counts the items of all lists. */
export class RunItems {
  #count = 0;
  /** The same for all lists that are given up: there may be thousands of them. */
  #tooMany: GraphQLError | null = null;

  get areTooMany(): boolean {
    return this.#tooMany !== null;
  }

  /** Throws once there are too many. */
  add(errors: RunErrors): void {
    this.#count += 1;
    if (this.#count <= MAX_ITEMS) return;
    this.#tooMany ??= new GraphQLError(
      `The answer would hold more than ${MAX_ITEMS} items of lists. Ask for smaller pages.`,
      { extensions: { code: 'QUERY_TOO_COMPLEX' } },
    );
    errors.add(this.#tooMany, undefined);
    throw this.#tooMany;
  }
}

/** `Path` of graphql-js; its places are compared by identity, so that each field has one. */
export const pathOf = (
  prev: ResponsePath | undefined,
  key: string | number,
  typename: string | undefined,
): ResponsePath => ({ prev, key, typename });

/** Anything that can be waited for, as graphql-js has it. */
export const isPromise = (value: unknown): value is Promise<unknown> =>
  typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
