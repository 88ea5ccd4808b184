/** Which fields an operation asks for beneath a field, so that what they show can be fetched before they are reached. */
import type { FieldNode, FragmentDefinitionNode, GraphQLResolveInfo, SelectionSetNode } from 'graphql';

type Fragments = Readonly<Record<string, FragmentDefinitionNode | undefined>>;

/** Documents are kept for long, and their nodes with them. */
const known = new WeakMap<FieldNode, ReadonlySet<string>>();

/** Names of all fields at any depth, also of those that a directive may leave out. */
export function selectedBeneath({
  fieldNodes,
  fragments,
}: Pick<GraphQLResolveInfo, 'fieldNodes' | 'fragments'>): ReadonlySet<string> {
  const [only] = fieldNodes;
  if (only !== undefined && fieldNodes.length === 1) {
    const names = known.get(only) ?? namesIn(fieldNodes, fragments);
    known.set(only, names);
    return names;
  }
  return namesIn(fieldNodes, fragments);
}

function namesIn(fieldNodes: readonly FieldNode[], fragments: Fragments): ReadonlySet<string> {
  const names = new Set<string>();
  const visited = new Set<string>();
  const visit = (set: SelectionSetNode | undefined): void => {
    for (const selection of set?.selections ?? []) {
      if (selection.kind === 'Field') {
        names.add(selection.name.value);
        visit(selection.selectionSet);
      } else if (selection.kind === 'InlineFragment') {
        visit(selection.selectionSet);
      } else if (!visited.has(selection.name.value)) {
        visited.add(selection.name.value);
        visit(fragments[selection.name.value]?.selectionSet);
      }
    }
  };
  for (const { selectionSet } of fieldNodes) visit(selectionSet);
  return names;
}
