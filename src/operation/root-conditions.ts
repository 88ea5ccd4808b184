/**
 * A subscription has one field, always: GraphQL forbids `@skip` and `@include` around it. graphql-js 16 does not look for
 * them, and fails at a subscription that is left without its field.
 */
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLError,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import { badRequest } from './bad-request.ts';

/** Null when no subscription of the document has a condition around its field. */
export function refuseRootConditions({ definitions }: DocumentNode): GraphQLError | null {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const one of definitions)
    if (one.kind === Kind.FRAGMENT_DEFINITION) fragments.set(one.name.value, one);
  const isConditional = definitions.some(
    (one) =>
      one.kind === Kind.OPERATION_DEFINITION &&
      one.operation === 'subscription' &&
      hasCondition(one.selectionSet, new Map(fragments)),
  );
  return isConditional
    ? badRequest('The field of a subscription is always there: use `@skip` and `@include` within it.')
    : null;
}

/** Fragments are taken out as they are met: they may spread each other in circles. */
function hasCondition(
  { selections }: SelectionSetNode,
  fragments: Map<string, FragmentDefinitionNode>,
): boolean {
  return selections.some((selection) => {
    if (isCondition(selection)) return true;
    if (selection.kind === Kind.INLINE_FRAGMENT) return hasCondition(selection.selectionSet, fragments);
    if (selection.kind === Kind.FIELD) return false;
    const spread = fragments.get(selection.name.value);
    fragments.delete(selection.name.value);
    return spread !== undefined && hasCondition(spread.selectionSet, fragments);
  });
}

const isCondition = ({ directives = [] }: SelectionNode): boolean =>
  directives.some(({ name }) => name.value === 'skip' || name.value === 'include');
