/**
 * One operation of a document, with all that was found out about it. Which fields are left out by @skip and @include
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
import { type Selection, selectionOf } from './field-plan.ts';
import type { Run } from './run.ts';
import { variablesOf } from './variables.ts';

type Coerced = ReturnType<typeof variablesOf>;

/** Combinations that are kept of one operation. */
const MAX_VARIANTS = 16;
/**
 * Fields that are kept of one operation: a page with everything in it has some 100, but fragments that spread each other
 * can stand for any number. They are planned as they are executed, so what is over this costs what graphql-js does.
 */
const MAX_FIELDS = 2_000;

export class OperationPlan {
  readonly schema: GraphQLSchema;
  readonly operation: OperationDefinitionNode;
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>;
  #coerce: Coerced | null = null;
  readonly #conditions: readonly string[];
  readonly #variants = new Map<string, Selection>();
  #fields = 0;

  constructor(
    schema: GraphQLSchema,
    operation: OperationDefinitionNode,
    fragments: Readonly<Record<string, FragmentDefinitionNode>>,
  ) {
    this.schema = schema;
    this.operation = operation;
    this.fragments = fragments;
    this.#conditions = conditionsOf([operation, ...Object.values(fragments)]);
  }

  /** Its variables' values; or what is wrong with them. */
  variables(inputs: Readonly<Record<string, unknown>>): ReturnType<Coerced> {
    this.#coerce ??= variablesOf(this.schema, this.operation.variableDefinitions ?? []);
    return this.#coerce(inputs);
  }

  /** The root's fields. Throws as graphql-js does for a directive without a value. */
  root(run: Run): Selection {
    const key = this.#conditions.map((name) => String(run.variableValues[name])).join();
    const known = this.#variants.get(key);
    if (known !== undefined) return known;
    const { schema, fragments, variableValues, operation } = run;
    // Validated: the schema has it.
    const type = schema.getRootType(operation.operation);
    if (!type) throw new Error(`the schema has no ${operation.operation}`);
    const fields = collectFields(schema, fragments, variableValues, type, operation.selectionSet);
    const selection = selectionOf(schema, type, fields, (planned) => this.#count(planned));
    if (this.#variants.size < MAX_VARIANTS && this.#fields <= MAX_FIELDS) this.#variants.set(key, selection);
    return selection;
  }

  /** What an execution has under way stays with it. */
  #count(fields: number): void {
    this.#fields += fields;
    if (this.#fields > MAX_FIELDS) this.#variants.clear();
  }
}

/** Null for a document without this operation, or with several where none is named. */
export function planOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  name: string | null,
): OperationPlan | null {
  const fragments: Record<string, FragmentDefinitionNode> = Object.create(null);
  const operations: OperationDefinitionNode[] = [];
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments[definition.name.value] = definition;
    else if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    else if (name === null || definition.name?.value === name) operations.push(definition);
  }
  const [operation, ...others] = operations;
  return operation === undefined || others.length > 0
    ? null
    : new OperationPlan(schema, operation, fragments);
}

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
