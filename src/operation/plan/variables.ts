/**
 * The variables of an operation, as `getVariableValues` of graphql-js coerces them. What their types are and how each
 * is coerced is found out once; values that are right take that way. Whatever is not right, or unusual, is left to
 * graphql-js from the start, which says what is wrong: coercing has no effects.
 */
import {
  type GraphQLInputType,
  type GraphQLSchema,
  getVariableValues,
  isInputObjectType,
  isInputType,
  isListType,
  isNonNullType,
  typeFromAST,
  type VariableDefinitionNode,
} from 'graphql';

/** Each may hold a value as it was sent. */
const MAX_ERRORS = 20;

type Values = Readonly<Record<string, unknown>>;
type Answer = ReturnType<typeof getVariableValues>;
/** What a value comes to; or that graphql-js is to look at it. */
type Coerce = (value: unknown) => unknown;
const IRREGULAR = Symbol('irregular');
/** A name that is no ordinary property; none of the schema begins so. */
const PROTOTYPE = '__proto__';

interface Variable {
  readonly name: string;
  /** Without a value it is simply not there. */
  readonly mayBeLeftOut: boolean;
  readonly coerce: Coerce;
}

/** Of one operation's variables. @param hideSuggestions whether errors name nothing that the schema has instead. */
export type CoerceVariables = (inputs: Values, hideSuggestions?: boolean) => Answer;

/** For the definitions of one operation. */
export function variablesOf(
  schema: GraphQLSchema,
  definitions: readonly VariableDefinitionNode[],
): CoerceVariables {
  const byGraphQL: CoerceVariables = (inputs, hideSuggestions = false) =>
    getVariableValues(schema, definitions, inputs, { maxErrors: MAX_ERRORS, hideSuggestions });
  const planned: Variable[] = [];
  for (const definition of definitions) {
    const { value: name } = definition.variable.name;
    const type = typeFromAST(schema, definition.type);
    if (!isInputType(type) || name === PROTOTYPE) return byGraphQL;
    const mayBeLeftOut = definition.defaultValue === undefined && !isNonNullType(type);
    planned.push({ name, mayBeLeftOut, coerce: coercerOf(type) });
  }

  const coercedAtOnce = (inputs: Values): Values | null => {
    const coerced: Record<string, unknown> = {};
    for (const { name, mayBeLeftOut, coerce } of planned) {
      if (Object.hasOwn(inputs, name)) {
        const value = coerce(inputs[name]);
        if (value === IRREGULAR) return null;
        coerced[name] = value;
      } else if (!mayBeLeftOut) return null;
    }
    return coerced;
  };

  return (inputs, hideSuggestions) => {
    const coerced = coercedAtOnce(inputs);
    return coerced === null ? byGraphQL(inputs, hideSuggestions) : { coerced };
  };
}

const irregular: Coerce = () => IRREGULAR;

/** Input types may hold themselves: each is kept before its fields are looked at. */
const coercers = new WeakMap<GraphQLInputType, Coerce>();

function coercerOf(type: GraphQLInputType): Coerce {
  const known = coercers.get(type);
  if (known !== undefined) return known;
  let made: Coerce | null = null;
  const later: Coerce = (value) => {
    made ??= madeFor(type);
    return made(value);
  };
  coercers.set(type, later);
  return later;
}

function madeFor(type: GraphQLInputType): Coerce {
  if (isNonNullType(type)) {
    const ofNullable = coercerOf(type.ofType);
    return (value) => (value === null || value === undefined ? IRREGULAR : ofNullable(value));
  }
  const coerce = coercerOfPresent(type);
  return (value) => (value === null || value === undefined ? null : coerce(value));
}

/** For values that are there. */
function coercerOfPresent(type: Exclude<GraphQLInputType, { readonly ofType: never }>): Coerce {
  if (isListType(type)) return listCoercer(coercerOf(type.ofType));
  if (isInputObjectType(type)) {
    // Of `oneOf` there is more to say.
    return type.isOneOf ? irregular : objectCoercer(Object.values(type.getFields()));
  }
  if (isNonNullType(type)) return irregular;
  return (value) => {
    try {
      const parsed: unknown = type.parseValue(value);
      return parsed === undefined ? IRREGULAR : parsed;
    } catch {
      return IRREGULAR;
    }
  };
}

const listCoercer =
  (ofItem: Coerce): Coerce =>
  (value) => {
    if (!Array.isArray(value)) return IRREGULAR;
    const items: unknown[] = [];
    for (const item of value) {
      const coerced = ofItem(item);
      if (coerced === IRREGULAR) return IRREGULAR;
      items.push(coerced);
    }
    return items;
  };

interface InputField {
  readonly name: string;
  readonly type: GraphQLInputType;
  readonly defaultValue?: unknown;
}

function objectCoercer(fields: readonly InputField[]): Coerce {
  const planned = fields.map(({ name, type, defaultValue }) => ({
    name,
    defaultValue,
    isNonNull: isNonNullType(type),
    coerce: coercerOf(type),
  }));
  const names = new Set(fields.map(({ name }) => name));
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return IRREGULAR;
    for (const name in value) if (!names.has(name)) return IRREGULAR;
    const given = value as Values;
    const coerced: Record<string, unknown> = {};
    for (const { name, defaultValue, isNonNull, coerce } of planned) {
      const input = given[name];
      if (input === undefined) {
        if (defaultValue !== undefined) coerced[name] = defaultValue;
        else if (isNonNull) return IRREGULAR;
        continue;
      }
      const field = coerce(input);
      if (field === IRREGULAR) return IRREGULAR;
      coerced[name] = field;
    }
    return coerced;
  };
}
