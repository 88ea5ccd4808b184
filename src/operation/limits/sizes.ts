/**
 * How many items a list is reckoned to hold. A field that is cut into pages (`first`, `last`) holds what it is asked
 * for, a list looked up by a list of ids as many as are named; of any other list nobody knows before it is read, so it
 * counts as some. A field says more in its `extensions.cost`.
 */
import {
  type ArgumentNode,
  type FieldNode,
  type GraphQLField,
  isListType,
  isNonNullType,
  Kind,
  type OperationDefinitionNode,
  type ValueNode,
} from 'graphql';
import { limits } from '../../chat/limits.ts';

/** `extensions.cost` of a field of the schema. */
export interface FieldCost {
  /** What one value of it costs; 1 when left out. More where a store is asked for each. */
  readonly weight?: number;
  /** Items, where the arguments do not say. */
  readonly size?: number;
}

export type Variables = Readonly<Record<string, unknown>>;
/** A number, or what it is with certain variables. */
export type Quantity = number | ((variables: Variables) => number);

const SLICES = ['first', 'last'];
const SOME = 5;

type Field = GraphQLField<unknown, unknown>;

export function costOf({ extensions }: Field): FieldCost {
  const { cost } = extensions;
  return typeof cost === 'object' && cost !== null ? cost : {};
}

/** Items of a page; null for a field that has no pages. */
export function pageOf(
  field: Field,
  { arguments: given = [] }: FieldNode,
  operation: OperationDefinitionNode,
): Quantity | null {
  if (!field.args.some(({ name }) => SLICES.includes(name))) return null;
  const otherwise = costOf(field).size ?? limits.defaultPageSize;
  const sizes = given
    .filter(({ name }) => SLICES.includes(name.value))
    .map(({ value }) => quantity(value, operation, asPage));
  return folded(given, (variables) => {
    const asked = sizes.map((size) => size(variables)).filter((size) => size !== null);
    return asked.length === 0 ? otherwise : Math.max(...asked);
  });
}

/** Items of a list without pages. */
export function itemsOf(
  field: Field,
  { arguments: given = [] }: FieldNode,
  operation: OperationDefinitionNode,
): Quantity {
  const named = given.find((argument) => isListOf(field, argument));
  const otherwise = costOf(field).size ?? SOME;
  if (named === undefined) return otherwise;
  const count = quantity(named.value, operation, asList);
  return folded(given, (variables) => count(variables) ?? otherwise);
}

/** Reckoned here and now where no variable is asked for: most operations then have one price for ever. */
const folded = (given: readonly ArgumentNode[], size: (variables: Variables) => number): Quantity =>
  given.some(({ value }) => value.kind === Kind.VARIABLE) ? size : size({});

const isListOf = ({ args }: Field, { name }: ArgumentNode): boolean => {
  const type = args.find((arg) => arg.name === name.value)?.type;
  return type !== undefined && isListType(isNonNullType(type) ? type.ofType : type);
};

type Read = (value: unknown) => number | null;

/** More than a page holds is refused where it is read, like anything that is no number. */
const asPage: Read = (value) =>
  typeof value === 'number' && value >= 0 ? Math.min(value, limits.pageSize) : null;
const asList: Read = (value) => (Array.isArray(value) ? value.length : value == null ? null : 1);

/** What a value of a document says, by the variables when it is one. */
function quantity(
  value: ValueNode,
  { variableDefinitions = [] }: OperationDefinitionNode,
  read: Read,
): (variables: Variables) => number | null {
  if (value.kind !== Kind.VARIABLE) {
    const known = read(literal(value));
    return () => known;
  }
  const { value: name } = value.name;
  const { defaultValue } = variableDefinitions.find(({ variable }) => variable.name.value === name) ?? {};
  const byDefault = defaultValue === undefined ? null : read(literal(defaultValue));
  return (variables) => (Object.hasOwn(variables, name) ? read(variables[name]) : byDefault);
}

/** As much of it as counts here. */
function literal(value: ValueNode): unknown {
  if (value.kind === Kind.INT) return Number(value.value);
  if (value.kind === Kind.LIST) return value.values;
  return value.kind === Kind.NULL ? null : value;
}
