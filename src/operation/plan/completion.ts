/** How a resolved value becomes what the answer shows: chosen once for each field by its type. As graphql-js completes. */
import {
  defaultTypeResolver,
  type GraphQLAbstractType,
  GraphQLError,
  type GraphQLList,
  type GraphQLObjectType,
  type GraphQLOutputType,
  getNullableType,
  isAbstractType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  type ResponsePath,
} from 'graphql';
import type { FieldInfo } from './field-info.ts';
import type { FieldPlan } from './field-plan.ts';
import { executeFields, failedAt } from './fields.ts';
import { isPromise, pathOf, type Run } from './run.ts';

/** Gives the completed value or a promise of it; throws what the field fails with. */
export type Complete = (run: Run, info: FieldInfo, path: ResponsePath, value: unknown) => unknown;

export function completion(type: GraphQLOutputType, plan: FieldPlan): Complete {
  const ofLeaf = leafCompletion(type, plan);
  if (ofLeaf !== null) return (_run, _info, _path, value) => ofLeaf(value);
  if (isNonNullType(type)) return nonNull(completion(type.ofType, plan), plan);
  if (isListType(type)) return list(type, plan);
  if (isAbstractType(type)) return abstract(type, plan);
  if (isObjectType(type)) return object(type, plan);
  throw new Error(`${String(type)} is no type of a field`);
}

/** Scalars and enums need nothing but their value; null for all other types. */
export function leafCompletion(
  type: GraphQLOutputType,
  plan: FieldPlan,
): ((value: unknown) => unknown) | null {
  const nullable = getNullableType(type);
  if (!isLeafType(nullable)) return null;
  const message = isNonNullType(type) ? withoutValue(plan) : null;
  return (value) => {
    if (value instanceof Error) throw value;
    if (value == null) {
      if (message !== null) throw new Error(message);
      return null;
    }
    const serialized: unknown = nullable.serialize(value);
    if (serialized == null) throw new Error(`${nullable.name}.serialize made nothing of a value.`);
    return serialized;
  };
}

const withoutValue = ({ parentType, definition }: FieldPlan): string =>
  `Cannot return null for non-nullable field ${parentType.name}.${definition.name}.`;

function nonNull(inner: Complete, plan: FieldPlan): Complete {
  const message = withoutValue(plan);
  return (run, info, path, value) => {
    const completed = inner(run, info, path, value);
    if (completed === null) throw new Error(message);
    return completed;
  };
}

function list(type: GraphQLList<GraphQLOutputType>, plan: FieldPlan): Complete {
  const itemType = type.ofType;
  const isItemNonNull = isNonNullType(itemType);
  const complete = completion(itemType, plan);
  const { parentType, definition } = plan;
  const message = `Expected Iterable, but did not find one for field "${parentType.name}.${definition.name}".`;
  const completeItem: Complete = (run, info, path, item) => {
    try {
      const done = isPromise(item)
        ? item.then((resolved) => complete(run, info, path, resolved))
        : complete(run, info, path, item);
      if (!isPromise(done)) return done;
      return done.then(undefined, (error: unknown) => failedAt(run, plan, isItemNonNull, path, error));
    } catch (error) {
      return failedAt(run, plan, isItemNonNull, path, error);
    }
  };
  return (run, info, listPath, value) => {
    if (value instanceof Error) throw value;
    if (value == null) return null;
    if (!isIterable(value)) throw new GraphQLError(message);
    const completed: unknown[] = [];
    let hasPromise = false;
    try {
      for (const item of value) {
        run.items.add(run.errors);
        const done = completeItem(run, info, pathOf(listPath, completed.length, undefined), item);
        hasPromise ||= isPromise(done);
        completed.push(done);
      }
    } catch (error) {
      // Given up at this one; those before it may fail yet, and unheard that would end the process.
      if (hasPromise) void Promise.allSettled(completed);
      throw error;
    }
    return hasPromise ? Promise.all(completed) : completed;
  };
}

function abstract(type: GraphQLAbstractType, plan: FieldPlan): Complete {
  const resolveType = type.resolveType ?? defaultTypeResolver;
  return (run, info, path, value) => {
    if (value instanceof Error) throw value;
    if (value == null) return null;
    const name = resolveType(value, run.contextValue, info, type);
    return isPromise(name)
      ? name.then((resolved) => ofType(run, info, path, value, concrete(run, type, plan, resolved), plan))
      : ofType(run, info, path, value, concrete(run, type, plan, name), plan);
  };
}

const object =
  (type: GraphQLObjectType, plan: FieldPlan): Complete =>
  (run, info, path, value) => {
    if (value instanceof Error) throw value;
    return value == null ? null : ofType(run, info, path, value, type, plan);
  };

function ofType(
  run: Run,
  info: FieldInfo,
  path: ResponsePath,
  value: unknown,
  type: GraphQLObjectType,
  plan: FieldPlan,
): unknown {
  const selection = plan.beneath(run, type);
  if (!type.isTypeOf) return executeFields(run, selection, value, path);
  const isOfType = type.isTypeOf(value, run.contextValue, info);
  const go = (isIt: boolean) => {
    if (isIt) return executeFields(run, selection, value, path);
    throw new GraphQLError(`Expected value of type "${type.name}".`, { nodes: plan.nodes });
  };
  return isPromise(isOfType) ? isOfType.then(go) : go(isOfType);
}

/** The object type that a value of an abstract type is of. */
function concrete(
  run: Run,
  type: GraphQLAbstractType,
  { nodes }: FieldPlan,
  name: unknown,
): GraphQLObjectType {
  const found = typeof name === 'string' ? run.schema.getType(name) : undefined;
  if (isObjectType(found) && run.schema.isSubType(type, found)) return found;
  throw new GraphQLError(`"${String(name)}" is no type that a value of "${type.name}" may be of.`, { nodes });
}

const isIterable = (value: unknown): value is Iterable<unknown> =>
  typeof value === 'object' && value !== null && Symbol.iterator in value;
