/**
 * The operations of a document, with all that was found out about them. Which fields are left out by @skip and @include
 * may depend on variables: what lies beneath is then kept for each combination of their values that comes.
 */
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  visit,
} from 'graphql';
import { collectFields } from 'graphql/execution/collectFields.js';
import { type OnPlanned, type Selection, selectionOf } from './field-plan.ts';
import type { Run } from './run.ts';
import { type CoerceVariables, variablesOf } from './variables.ts';

/** Combinations that are kept of one operation. */
const MAX_VARIANTS = 16;
/**
 * Fields that are kept of one document: a page with everything in it has some 100, but fragments that spread each other
 * can stand for any number, and a document can hold hundreds of operations. Some 0.5 KB each.
 */
const MAX_FIELDS = 2_000;

type Fragments = Readonly<Record<string, FragmentDefinitionNode>>;

/** The plans of a document's operations, each made when it is executed first. What they keep is bounded for all together. */
export class DocumentPlans {
  readonly schema: GraphQLSchema;
  readonly #operations: readonly OperationDefinitionNode[];
  readonly #fragments: Fragments;
  readonly #ofFragments: readonly string[];
  readonly #plans = new Map<string | null, OperationPlan>();
  #fields = 0;

  constructor(schema: GraphQLSchema, document: DocumentNode) {
    this.schema = schema;
    const fragments: Record<string, FragmentDefinitionNode> = Object.create(null);
    const operations: OperationDefinitionNode[] = [];
    for (const definition of document.definitions) {
      if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments[definition.name.value] = definition;
      else if (definition.kind === Kind.OPERATION_DEFINITION) operations.push(definition);
    }
    this.#operations = operations;
    this.#fragments = fragments;
    this.#ofFragments = conditionsOf(Object.values(fragments));
  }

  /** Null for a document without this operation, or with several where none is named. */
  of(name: string | null): OperationPlan | null {
    const known = this.#plans.get(name);
    if (known !== undefined) return known;
    const [operation, ...others] = this.#operations.filter(
      (one) => name === null || one.name?.value === name,
    );
    if (operation === undefined || others.length > 0) return null;
    const conditions = new Set([...conditionsOf([operation]), ...this.#ofFragments]);
    const plan = new OperationPlan(this.schema, operation, this.#fragments, [...conditions], (fields) =>
      this.#count(fields),
    );
    this.#plans.set(name, plan);
    return plan;
  }

  /** What an execution has under way stays with it, and is let go with it. */
  #count(fields: number): void {
    this.#fields += fields;
    if (this.#fields <= MAX_FIELDS) return;
    this.#fields = 0;
    for (const plan of this.#plans.values()) plan.forget();
  }
}

export class OperationPlan {
  readonly operation: OperationDefinitionNode;
  readonly fragments: Fragments;
  readonly #schema: GraphQLSchema;
  readonly #conditions: readonly string[];
  readonly #onPlanned: OnPlanned;
  readonly #variants = new Map<string, Selection>();
  #coerce: CoerceVariables | null = null;

  /** @param conditions variables that @skip and @include may ask for. */
  constructor(
    schema: GraphQLSchema,
    operation: OperationDefinitionNode,
    fragments: Fragments,
    conditions: readonly string[],
    onPlanned: OnPlanned,
  ) {
    this.#schema = schema;
    this.operation = operation;
    this.fragments = fragments;
    this.#conditions = conditions;
    this.#onPlanned = onPlanned;
  }

  /** Its variables' values; or what is wrong with them. */
  variables(...asked: Parameters<CoerceVariables>): ReturnType<CoerceVariables> {
    this.#coerce ??= variablesOf(this.#schema, this.operation.variableDefinitions ?? []);
    return this.#coerce(...asked);
  }

  /** The root's fields. Throws as graphql-js does for a directive without a value. */
  root(run: Run): Selection {
    const key = this.#conditions.map((name) => mark(run.variableValues[name])).join('');
    const known = this.#variants.get(key);
    if (known !== undefined) return known;
    const { schema, fragments, variableValues, operation } = run;
    // Validated: the schema has it.
    const type = schema.getRootType(operation.operation);
    if (!type) throw new Error(`the schema has no ${operation.operation}`);
    const fields = collectFields(schema, fragments, variableValues, type, operation.selectionSet);
    if (this.#variants.size >= MAX_VARIANTS) this.forget();
    const selection = selectionOf(schema, type, fields, this.#onPlanned);
    this.#variants.set(key, selection);
    return selection;
  }

  forget(): void {
    this.#variants.clear();
  }
}

/** A condition's value; with anything else @skip and @include fail each time. Another operation may call something long so. */
const mark = (value: unknown): string => (value === true ? '1' : value === false ? '0' : '-');

/** Variables that @skip and @include ask for. */
function conditionsOf(definitions: readonly (OperationDefinitionNode | FragmentDefinitionNode)[]): string[] {
  const names = new Set<string>();
  for (const definition of definitions) {
    visit(definition, {
      Directive: (directive) => {
        for (const { value } of directive.arguments ?? []) {
          if (value.kind === Kind.VARIABLE) names.add(value.name.value);
        }
      },
    });
  }
  return [...names];
}
