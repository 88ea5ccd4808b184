/**
 * What graphql-js finds out about a field each time it comes to it, found out once: what it is, how it is resolved, how
 * its value is completed, and which fields lie beneath it for each type that the value may be of.
 */
import {
  defaultFieldResolver,
  type FieldNode,
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLObjectType,
  type GraphQLSchema,
  isNonNullType,
  SchemaMetaFieldDef,
  TypeMetaFieldDef,
  TypeNameMetaFieldDef,
} from 'graphql';
import { collectSubfields } from 'graphql/execution/collectFields.js';
import { type ArgumentsIn, argumentsOf, noArguments } from './arguments.ts';
import { type Complete, completion, leafCompletion } from './completion.ts';
import type { Run } from './run.ts';

type AnyField = GraphQLField<unknown, unknown>;

/** The fields of one object, in the order in which the answer has them. */
export interface Selection {
  readonly fields: readonly FieldPlan[];
  /** One of them would set the prototype of an ordinary object. */
  readonly hasPrototypeKey: boolean;
}

/** Called for each selection that is planned, with the number of its fields. */
export type OnPlanned = (fields: number) => void;

export class FieldPlan {
  readonly key: string;
  readonly node: FieldNode;
  readonly nodes: readonly FieldNode[];
  readonly parentType: GraphQLObjectType;
  readonly definition: AnyField;
  readonly resolve: GraphQLFieldResolver<unknown, unknown>;
  readonly takesArguments: boolean;
  /** Throws what is wrong with them. */
  readonly argumentsIn: ArgumentsIn;
  /** Completes the value of a scalar or an enum that is a mere property of the object it lies in; null for all others. */
  readonly ofProperty: ((value: unknown) => unknown) | null;
  readonly isNonNull: boolean;
  readonly complete: Complete;
  readonly #onPlanned: OnPlanned;
  /** Null for leaves, which are most fields. */
  #beneath: Map<GraphQLObjectType, Selection> | null = null;
  /** The type that was asked for last: mostly there is but one. */
  #lastType: GraphQLObjectType | null = null;
  #lastSelection: Selection | null = null;

  constructor(
    key: string,
    nodes: readonly FieldNode[],
    node: FieldNode,
    parentType: GraphQLObjectType,
    definition: AnyField,
    onPlanned: OnPlanned,
  ) {
    const { type, args, resolve = defaultFieldResolver } = definition;
    this.key = key;
    this.node = node;
    this.nodes = nodes;
    this.parentType = parentType;
    this.definition = definition;
    this.resolve = resolve;
    this.takesArguments = args.length > 0;
    this.argumentsIn = this.takesArguments ? argumentsOf(definition, node) : noArguments;
    this.isNonNull = isNonNullType(type);
    // With arguments it is none: they may be wrong.
    const isProperty = resolve === defaultFieldResolver && !this.takesArguments;
    this.ofProperty = isProperty ? leafCompletion(type, this) : null;
    this.complete = completion(type, this);
    this.#onPlanned = onPlanned;
  }

  /** What is asked for beneath it of a value of this type. Throws as graphql-js does for a directive without a value. */
  beneath(run: Run, type: GraphQLObjectType): Selection {
    if (type === this.#lastType && this.#lastSelection !== null) return this.#lastSelection;
    this.#beneath ??= new Map();
    let selection = this.#beneath.get(type);
    if (selection === undefined) {
      const { schema, fragments, variableValues } = run;
      const fields = collectSubfields(schema, fragments, variableValues, type, this.nodes);
      selection = selectionOf(schema, type, fields, this.#onPlanned);
      this.#beneath.set(type, selection);
    }
    this.#lastType = type;
    this.#lastSelection = selection;
    return selection;
  }
}

export function selectionOf(
  schema: GraphQLSchema,
  type: GraphQLObjectType,
  collected: ReadonlyMap<string, readonly FieldNode[]>,
  onPlanned: OnPlanned,
): Selection {
  const fields: FieldPlan[] = [];
  for (const [key, nodes] of collected) {
    const [node] = nodes;
    const definition = node && definitionOf(schema, type, node.name.value);
    if (definition) fields.push(new FieldPlan(key, nodes, node, type, definition, onPlanned));
  }
  onPlanned(fields.length);
  return { fields, hasPrototypeKey: collected.has('__proto__') };
}

function definitionOf(schema: GraphQLSchema, type: GraphQLObjectType, name: string): AnyField | undefined {
  if (name === TypeNameMetaFieldDef.name) return TypeNameMetaFieldDef;
  if (type === schema.getQueryType()) {
    if (name === SchemaMetaFieldDef.name) return SchemaMetaFieldDef;
    if (name === TypeMetaFieldDef.name) return TypeMetaFieldDef;
  }
  return type.getFields()[name];
}
