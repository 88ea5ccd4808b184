/**
 * Compares the schema with the contract that clients rely on. What the contract has and the schema has not is not
 * there yet; what both have must be the same: name, kind, type, nullability. The schema may have more, as long as a
 * client that knows only the contract is not made to send it.
 */
import {
  BreakingChangeType,
  findBreakingChanges,
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLNamedType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
  isSpecifiedScalarType,
  isUnionType,
} from 'graphql';

export interface Comparison {
  readonly missing: readonly string[];
  readonly differing: readonly string[];
}

/** Kinds of breaking change that the walk below does not look for itself. */
const alwaysDiffering: ReadonlySet<BreakingChangeType> = new Set([
  BreakingChangeType.TYPE_CHANGED_KIND,
  BreakingChangeType.REQUIRED_INPUT_FIELD_ADDED,
  BreakingChangeType.REQUIRED_ARG_ADDED,
  BreakingChangeType.DIRECTIVE_REMOVED,
  BreakingChangeType.DIRECTIVE_ARG_REMOVED,
  BreakingChangeType.DIRECTIVE_REPEATABLE_REMOVED,
  BreakingChangeType.DIRECTIVE_LOCATION_REMOVED,
  BreakingChangeType.REQUIRED_DIRECTIVE_ARG_ADDED,
]);

export function compareWithContract(contract: GraphQLSchema, schema: GraphQLSchema): Comparison {
  const missing: string[] = [];
  const differing = findBreakingChanges(contract, schema)
    .filter((change) => alwaysDiffering.has(change.type))
    .map((change) => change.description);

  const compareType = (name: string, wanted: { type: unknown }, found: { type: unknown }): void => {
    if (String(wanted.type) !== String(found.type)) {
      differing.push(`${name} is ${String(found.type)}, not ${String(wanted.type)}`);
    }
  };

  const compareInput = <T extends GraphQLArgument | GraphQLInputField>(
    name: string,
    wanted: T,
    found: T | undefined,
    isRequired: (input: T) => boolean,
  ): void => {
    if (found !== undefined) compareType(name, wanted, found);
    // A client that fills in what is required could not be served at all.
    else if (isRequired(wanted)) differing.push(`${name} is required and not there`);
    else missing.push(name);
  };

  const compareMembers = (wanted: GraphQLNamedType, found: GraphQLNamedType): void => {
    const { name } = wanted;
    if (
      (isObjectType(wanted) && isObjectType(found)) ||
      (isInterfaceType(wanted) && isInterfaceType(found))
    ) {
      for (const { name: parent } of wanted.getInterfaces()) {
        if (found.getInterfaces().some((i) => i.name === parent)) continue;
        const list = schema.getType(parent) === undefined ? missing : differing;
        list.push(`${name} does not implement ${parent}`);
      }
      for (const field of Object.values(wanted.getFields())) {
        const other = found.getFields()[field.name];
        if (other === undefined) {
          missing.push(`${name}.${field.name}`);
          continue;
        }
        compareType(`${name}.${field.name}`, field, other);
        for (const arg of field.args) {
          const otherArg = other.args.find((a) => a.name === arg.name);
          compareInput(`${name}.${field.name}(${arg.name}:)`, arg, otherArg, isRequiredArgument);
        }
      }
    } else if (isInputObjectType(wanted) && isInputObjectType(found)) {
      for (const field of Object.values(wanted.getFields())) {
        const other = found.getFields()[field.name];
        compareInput(`${name}.${field.name}`, field, other, isRequiredInputField);
      }
    } else if (isEnumType(wanted) && isEnumType(found)) {
      for (const { name: value } of wanted.getValues()) {
        if (found.getValue(value) === undefined) missing.push(`${name}.${value}`);
      }
    } else if (isUnionType(wanted) && isUnionType(found)) {
      for (const { name: member } of wanted.getTypes()) {
        if (found.getTypes().some((t) => t.name === member)) continue;
        const list = schema.getType(member) === undefined ? missing : differing;
        list.push(`${name} does not hold ${member}`);
      }
    }
  };

  for (const [name, wanted] of Object.entries(contract.getTypeMap())) {
    if (name.startsWith('__') || isSpecifiedScalarType(wanted)) continue;
    const found = schema.getType(name);
    if (found === undefined) missing.push(name);
    else compareMembers(wanted, found);
  }
  return { missing, differing };
}
