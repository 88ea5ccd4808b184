/**
 * The arguments of a field, as `getArgumentValues` of graphql-js has them. Where each of them is a variable or is left
 * out, which is how clients ask, the coerced values are taken as they are; whatever else there is, or is wrong, is left
 * to graphql-js, which says what.
 */
import { type FieldNode, type GraphQLField, getArgumentValues, isNonNullType, Kind } from 'graphql';

type Values = Readonly<Record<string, unknown>>;
/** Values by the names of the arguments. Throws what is wrong with them. */
export type ArgumentsIn = (variables: Values) => Record<string, unknown>;

/** One for all fields that take none: nobody may write into it. Of a page it spared a twentieth of what is allocated. */
const NONE: Record<string, unknown> = Object.freeze({});
export const noArguments: ArgumentsIn = () => NONE;

interface Passed {
  readonly name: string;
  readonly variable: string;
}

export function argumentsOf(definition: GraphQLField<unknown, unknown>, node: FieldNode): ArgumentsIn {
  const byGraphQL: ArgumentsIn = (variables) => getArgumentValues(definition, node, variables);
  const given = new Map((node.arguments ?? []).map((one) => [one.name.value, one.value]));
  const passed: Passed[] = [];
  for (const { name, type, defaultValue } of definition.args) {
    const value = given.get(name);
    if (value?.kind === Kind.VARIABLE) passed.push({ name, variable: value.name.value });
    else if (value !== undefined || defaultValue !== undefined || isNonNullType(type)) return byGraphQL;
  }
  return (variables) => {
    const args: Record<string, unknown> = {};
    for (const { name, variable } of passed) {
      const value = Object.hasOwn(variables, variable) ? variables[variable] : undefined;
      if (value === undefined || value === null) return byGraphQL(variables);
      args[name] = value;
    }
    return args;
  };
}
