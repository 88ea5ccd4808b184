/**
 * What an operation costs: about as many values as its answer may hold. Each field is one, times the items of every
 * list that it lies in, so that nested pages multiply; a field that asks a store for each value weighs more. What
 * depends on the operation alone is reckoned once; sizes of pages that come as variables are put in at each request.
 */
import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isInterfaceType,
  isIntrospectionType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  SchemaMetaFieldDef,
  type SelectionSetNode,
  TypeMetaFieldDef,
  TypeNameMetaFieldDef,
} from 'graphql';
import { costOf, itemsOf, pageOf, type Quantity, type Variables } from './sizes.ts';
import { tooComplex } from './too-complex.ts';

/**
 * Fields that a document may stand for, each fragment counted wherever it is spread: a few lines of fragments that spread
 * each other stand for billions. A page with everything in it has some 200.
 */
const MAX_FIELDS = 10_000;
/** The schema's own description lies in memory: its values cost little, and most of its lists are short. */
const OF_INTROSPECTION = { weight: 0.2, size: 2 };

type Field = GraphQLField<unknown, unknown>;

export interface Price {
  readonly cost: Quantity;
  /** That the operation stands for: what keeping its price takes grows with them when it is no number. */
  readonly fields: number;
}

/** Throws what refuses it: QUERY_TOO_COMPLEX. @param document that is valid. */
export function priceOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  maxDepth: number,
): Price {
  return new Pricing(schema, document, operation, maxDepth).whole();
}

/** What it comes to with these variables. */
export const amount = (quantity: Quantity, variables: Variables): number =>
  typeof quantity === 'number' ? quantity : quantity(variables);

class Pricing {
  readonly #schema: GraphQLSchema;
  readonly #operation: OperationDefinitionNode;
  readonly #fragments = new Map<string, FragmentDefinitionNode>();
  readonly #maxDepth: number;
  #fields = 0;

  constructor(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    maxDepth: number,
  ) {
    this.#schema = schema;
    this.#operation = operation;
    this.#maxDepth = maxDepth;
    for (const definition of document.definitions) {
      if (definition.kind === Kind.FRAGMENT_DEFINITION) {
        this.#fragments.set(definition.name.value, definition);
      }
    }
  }

  whole(): Price {
    const { operation, selectionSet } = this.#operation;
    const type = this.#schema.getRootType(operation) ?? undefined;
    return { cost: this.#selection(selectionSet, type, 1, null), fields: this.#fields };
  }

  /** @param page items of the lists right in it, when it is that of a page. */
  #selection(
    { selections }: SelectionSetNode,
    type: GraphQLNamedType | undefined,
    depth: number,
    page: Quantity | null,
  ): Quantity {
    const costs: Quantity[] = [];
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) {
        costs.push(this.#field(selection, type, depth, page));
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        const inner = this.#named(selection.typeCondition?.name.value) ?? type;
        costs.push(this.#selection(selection.selectionSet, inner, depth, page));
      } else {
        const fragment = this.#fragments.get(selection.name.value);
        if (fragment === undefined) throw new Error('a valid document lacks a fragment');
        this.#count(fragment);
        const inner = this.#named(fragment.typeCondition.name.value);
        costs.push(this.#selection(fragment.selectionSet, inner, depth, page));
      }
    }
    return sum(costs);
  }

  #field(
    node: FieldNode,
    parent: GraphQLNamedType | undefined,
    depth: number,
    page: Quantity | null,
  ): Quantity {
    this.#count(node);
    if (depth > this.#maxDepth) {
      throw tooComplex(`The operation is more than ${this.#maxDepth} fields deep.`, node);
    }
    const field = this.#definition(node, parent);
    const isDescription = parent !== undefined && isIntrospectionType(parent);
    const weight = costOf(field).weight ?? (isDescription ? OF_INTROSPECTION.weight : 1);
    const isList = isListType(isNonNullType(field.type) ? field.type.ofType : field.type);
    const ofPage = pageOf(field, node, this.#operation);
    const within = node.selectionSet
      ? this.#selection(node.selectionSet, getNamedType(field.type), depth + 1, isList ? null : ofPage)
      : 0;
    if (!isList) return sum([weight, within]);
    const items = isDescription
      ? this.#described(field)
      : (ofPage ?? page ?? itemsOf(field, node, this.#operation));
    return product(items, sum([weight, within]));
  }

  #described({ name }: Field): number {
    return name === 'types' ? Object.keys(this.#schema.getTypeMap()).length : OF_INTROSPECTION.size;
  }

  #count(node: FieldNode | FragmentDefinitionNode): void {
    this.#fields += 1;
    if (this.#fields > MAX_FIELDS) {
      throw tooComplex(`The operation stands for more than ${MAX_FIELDS} fields.`, node);
    }
  }

  #named(name: string | undefined): GraphQLNamedType | undefined {
    return name === undefined ? undefined : this.#schema.getType(name);
  }

  #definition({ name: { value: name } }: FieldNode, parent: GraphQLNamedType | undefined): Field {
    for (const meta of [TypeNameMetaFieldDef, SchemaMetaFieldDef, TypeMetaFieldDef]) {
      if (meta.name === name) return meta;
    }
    const field = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[name] : undefined;
    if (field === undefined) throw new Error('a valid document asks for a field that is not there');
    return field;
  }
}

function sum(costs: readonly Quantity[]): Quantity {
  const varying: Exclude<Quantity, number>[] = [];
  let fixed = 0;
  for (const cost of costs) {
    if (typeof cost === 'number') fixed += cost;
    else varying.push(cost);
  }
  if (varying.length === 0) return fixed;
  return (variables) => varying.reduce((total, cost) => total + cost(variables), fixed);
}

function product(items: Quantity, each: Quantity): Quantity {
  if (typeof items === 'number' && typeof each === 'number') return items * each;
  return (variables) => amount(items, variables) * amount(each, variables);
}
