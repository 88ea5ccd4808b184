/** Executes the fields of an object: all at once, or one after the other for the root of a mutation. */
import { locatedError, type ResponsePath, responsePathAsArray } from 'graphql';
import { FieldInfo } from './field-info.ts';
import type { FieldPlan, Selection } from './field-plan.ts';
import { isPromise, pathOf, type Run } from './run.ts';

/** An object of the answer. Ordinary ones are written as JSON faster than those without a prototype. */
type Fields = Record<string, unknown>;

const emptyFor = ({ hasPrototypeKey }: Selection): Fields => (hasPrototypeKey ? Object.create(null) : {});

/** Throws, or rejects, with the error of a field that must not be null. */
export function executeFields(
  run: Run,
  selection: Selection,
  source: unknown,
  path: ResponsePath | undefined,
): Fields | Promise<Fields> {
  const results = emptyFor(selection);
  let hasPromise = false;
  try {
    for (const plan of selection.fields) {
      const result = executeField(run, plan, source, path);
      results[plan.key] = result;
      hasPromise ||= isPromise(result);
    }
  } catch (error) {
    if (!hasPromise) throw error;
    // Whatever else is under way may fail too, and must be waited for.
    return settled(results, selection).finally(() => {
      throw error;
    });
  }
  return hasPromise ? settled(results, selection) : results;
}

export function executeSerially(run: Run, selection: Selection, source: unknown): Fields | Promise<Fields> {
  const results = emptyFor(selection);
  let before: Fields | Promise<Fields> = results;
  for (const plan of selection.fields) {
    const one = (): Fields | Promise<Fields> => {
      const result = executeField(run, plan, source, undefined);
      const put = (value: unknown): Fields => {
        results[plan.key] = value;
        return results;
      };
      return isPromise(result) ? result.then(put) : put(result);
    };
    before = isPromise(before) ? before.then(one) : one();
  }
  return before;
}

/** What a field that failed shows: null; or it throws, where that must not be. */
export function failedAt(
  run: Run,
  { nodes }: FieldPlan,
  isNonNull: boolean,
  path: ResponsePath,
  raw: unknown,
): null {
  const error = locatedError(raw, nodes, responsePathAsArray(path));
  if (isNonNull) throw error;
  run.errors.add(error, path);
  return null;
}

function executeField(
  run: Run,
  plan: FieldPlan,
  source: unknown,
  parentPath: ResponsePath | undefined,
): unknown {
  const { ofProperty } = plan;
  let property: unknown;
  if (ofProperty !== null && isRecord(source)) {
    // Neither its place nor anything else about it is asked for, unless it fails.
    try {
      property = source[plan.definition.name];
      if (typeof property !== 'function' && !isPromise(property)) return ofProperty(property);
    } catch (error) {
      const path = pathOf(parentPath, plan.key, plan.parentType.name);
      return failedAt(run, plan, plan.isNonNull, path, error);
    }
  }
  const path = pathOf(parentPath, plan.key, plan.parentType.name);
  const info = new FieldInfo(run, plan, path);
  try {
    const args = plan.argumentsIn(run.variableValues);
    // Not read again: a getter would make a second promise, and nobody would hear of the first.
    const result: unknown = isPromise(property)
      ? property
      : plan.resolve(source, args, run.contextValue, info);
    const completed = isPromise(result)
      ? result.then((value) => plan.complete(run, info, path, value))
      : plan.complete(run, info, path, result);
    if (!isPromise(completed)) return completed;
    return completed.then(undefined, (error: unknown) => failedAt(run, plan, plan.isNonNull, path, error));
  } catch (error) {
    return failedAt(run, plan, plan.isNonNull, path, error);
  }
}

/** The same with values in place of promises. */
async function settled(results: Fields, selection: Selection): Promise<Fields> {
  const values = await Promise.all(Object.values(results));
  const whole = emptyFor(selection);
  Object.keys(results).forEach((key, i) => {
    whole[key] = values[i];
  });
  return whole;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;
