/**
 * What one operation may ask for, the same over every transport. Generous: a page of 200 messages with all that can be
 * shown of them costs a fifth of what is allowed, GraphiQL's introspection less. Operators can set each.
 */
export interface OperationLimits {
  /** Tokens of a document. */
  readonly tokens: number;
  /** Fields within each other. */
  readonly depth: number;
  /** Fields under another name, in a document. */
  readonly aliases: number;
  /** Uses of directives in a document. */
  readonly directives: number;
  /** Values that an answer may hold, by the sizes of pages asked for. */
  readonly cost: number;
}

export const defaultOperationLimits: OperationLimits = {
  tokens: 5_000,
  depth: 20,
  aliases: 100,
  directives: 50,
  cost: 100_000,
};
