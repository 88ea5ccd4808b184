/**
 * Which variables of a subscription say only where it resumes: those that go nowhere but into `after` and
 * `replayLimit` of its root field. Every client's are different, and no event is rendered by them.
 */
import {
  type ASTNode,
  type DocumentNode,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  TypeInfo,
  type TypeNode,
  visit,
  visitWithTypeInfo,
} from 'graphql';

const RESUME_ARGUMENTS: ReadonlySet<string> = new Set(['after', 'replayLimit']);

/** Names of the variables that only say where to resume. */
export function resumeVariables(schema: GraphQLSchema, document: DocumentNode): ReadonlySet<string> {
  const types = new TypeInfo(schema);
  const resuming = new Set<string>();
  const others = new Set<string>();
  /** The resume argument that is being visited. */
  let inside: ASTNode | null = null;
  visit(
    document,
    visitWithTypeInfo(types, {
      VariableDefinition: () => false,
      Argument: {
        enter: (node, _key, _parent, _path, ancestors) => {
          const owner = ancestors.at(-1);
          const isOfField =
            owner !== undefined && !Array.isArray(owner) && 'kind' in owner && owner.kind === Kind.FIELD;
          const isOfRoot = isOfField && types.getParentType() === schema.getSubscriptionType();
          if (isOfRoot && RESUME_ARGUMENTS.has(node.name.value)) inside = node;
        },
        leave: (node) => {
          if (inside === node) inside = null;
        },
      },
      Variable: ({ name }) => {
        (inside === null ? others : resuming).add(name.value);
      },
    }),
  );
  return resuming.difference(others);
}

/**
 * The variables of a class: without those that only say where to resume. One that must be there has a value that
 * fits instead, and is as empty as can be: it is looked at for every event.
 */
export function withoutResume(
  { variableDefinitions = [] }: OperationDefinitionNode,
  resuming: ReadonlySet<string>,
  variables: { readonly [name: string]: unknown },
): { [name: string]: unknown } {
  const left: { [name: string]: unknown } = {};
  for (const { variable, type, defaultValue } of variableDefinitions) {
    const name = variable.name.value;
    if (!resuming.has(name)) {
      if (Object.hasOwn(variables, name)) left[name] = variables[name];
    } else if (type.kind === Kind.NON_NULL_TYPE && defaultValue === undefined) {
      left[name] = emptyOf(type.type);
    }
  }
  return left;
}

function emptyOf(type: TypeNode): unknown {
  if (type.kind === Kind.LIST_TYPE) return [];
  return type.kind === Kind.NAMED_TYPE && type.name.value === 'Int' ? 0 : '';
}
