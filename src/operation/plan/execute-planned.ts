/**
 * `execute` of graphql-js, with what does not change between executions of a document found out once and kept with
 * it: half of its time went into finding out the same again for each field of each message. The same results and errors
 * in the same order, tested against graphql-js over random documents and values; only the wording differs of what is
 * masked anyway: a value that is not of its type, which is a mistake of this server.
 */
import {
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  GraphQLError,
  type GraphQLSchema,
} from 'graphql';
import { executeFields, executeSerially } from './fields.ts';
import { DocumentPlans, type OperationPlan } from './operation-plan.ts';
import { isPromise, type Run, RunErrors, RunItems } from './run.ts';

/** Documents are remembered by whoever checks them. */
const plans = new WeakMap<DocumentNode, DocumentPlans>();

/** With neither `fieldResolver` nor `typeResolver`, which nobody here gives. */
export function executePlanned(args: ExecutionArgs): ExecutionResult | Promise<ExecutionResult> {
  const { schema, document, operationName = null, rootValue, contextValue } = args;
  const plan = plansOf(schema, document).of(operationName ?? null);
  // Not one that may run: graphql-js says why.
  if (plan === null) return execute(args);
  const { coerced, errors } = plan.variables(args.variableValues ?? {}, args.hideSuggestions ?? false);
  if (errors !== undefined) return { errors };
  const run: Run = {
    schema,
    fragments: plan.fragments,
    operation: plan.operation,
    variableValues: coerced,
    rootValue,
    contextValue,
    errors: new RunErrors(),
    items: new RunItems(),
  };
  try {
    const data = executeRoot(run, plan);
    return isPromise(data)
      ? data.then(
          (resolved) => answer(run, resolved),
          (error: unknown) => failed(run, error),
        )
      : answer(run, data);
  } catch (error) {
    return failed(run, error);
  }
}

function executeRoot(run: Run, plan: OperationPlan) {
  const selection = plan.root(run);
  return plan.operation.operation === 'mutation'
    ? executeSerially(run, selection, run.rootValue)
    : executeFields(run, selection, run.rootValue, undefined);
}

const answer = ({ errors: { list }, items }: Run, data: ExecutionResult['data'] | null): ExecutionResult => {
  if (list.length === 0) return { data: data ?? null };
  return { errors: list, data: items.areTooMany ? null : (data ?? null) };
};

/** An error that no nullable field has taken: there is no data at all. */
function failed(run: Run, error: unknown): ExecutionResult {
  run.errors.add(asGraphQLError(error), undefined);
  return answer(run, null);
}

const asGraphQLError = (error: unknown): GraphQLError =>
  error instanceof GraphQLError ? error : new GraphQLError(String(error), { originalError: asError(error) });

const asError = (error: unknown): Error =>
  error instanceof Error ? error : new Error('not an Error', { cause: error });

function plansOf(schema: GraphQLSchema, document: DocumentNode): DocumentPlans {
  const known = plans.get(document);
  if (known?.schema === schema) return known;
  const made = new DocumentPlans(schema, document);
  plans.set(document, made);
  return made;
}
