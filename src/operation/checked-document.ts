/** A valid document with its operations, and what each of them costs: found out when it is asked for first. */
import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  type OperationDefinitionNode,
} from 'graphql';
import { badRequest, type Refusal } from './bad-request.ts';
import type { OperationLimits } from './limits/operation-limits.ts';
import { amount, priceOf } from './limits/price.ts';
import type { Quantity, Variables } from './limits/sizes.ts';
import { tooComplex } from './limits/too-complex.ts';

/**
 * Fields of one document whose prices are kept when they depend on variables; others are reckoned at each request. A page
 * with everything in it has some 200, but fragments that spread each other can make any number out of a few lines.
 */
const MAX_FIELDS_KEPT = 500;

/** A subscription is executed for each event: one may cost that much less. All that happens, fully shown, costs 250. */
const EVENT_SHARE = 10;

export interface Operation {
  readonly document: DocumentNode;
  readonly type: OperationDefinitionNode['operation'];
}

interface Priced {
  readonly operation: Operation;
  readonly cost: Quantity;
}

export class CheckedDocument {
  readonly #schema: GraphQLSchema;
  readonly #document: DocumentNode;
  readonly #limits: OperationLimits;
  /** By the name in the request. */
  readonly #known = new Map<string | null, Priced | Refusal>();
  #fieldsKept = 0;

  constructor(schema: GraphQLSchema, document: DocumentNode, limits: OperationLimits) {
    this.#schema = schema;
    this.#document = document;
    this.#limits = limits;
  }

  /** For rules that are not the same for everybody. */
  get document(): DocumentNode {
    return this.#document;
  }

  operation(name: string | null, variables: Variables): Operation | Refusal {
    const priced = this.#known.get(name) ?? this.#price(name);
    if (!('cost' in priced)) return priced;
    const cost = amount(priced.cost, variables);
    const most =
      priced.operation.type === 'subscription' ? this.#limits.cost / EVENT_SHARE : this.#limits.cost;
    if (cost <= most) return priced.operation;
    return [
      tooComplex(
        `The operation may give ${Math.ceil(cost)} values, by the sizes of its pages; ${most} are allowed. Ask for smaller pages, or in several operations.`,
      ),
    ];
  }

  #price(name: string | null): Priced | Refusal {
    const ast = getOperationAST(this.#document, name);
    if (!ast) {
      const message =
        name !== null
          ? `The document has no operation called ${JSON.stringify(name)}.`
          : 'The document has several operations: name one with operationName.';
      return [badRequest(message)];
    }
    try {
      const { cost, fields } = priceOf(this.#schema, this.#document, ast, this.#limits.depth);
      const priced: Priced = { operation: { document: this.#document, type: ast.operation }, cost };
      if (typeof cost !== 'number') {
        if (this.#fieldsKept + fields > MAX_FIELDS_KEPT) return priced;
        this.#fieldsKept += fields;
      }
      this.#known.set(name, priced);
      return priced;
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error;
      const refusal = [error];
      this.#known.set(name, refusal);
      return refusal;
    }
  }
}
