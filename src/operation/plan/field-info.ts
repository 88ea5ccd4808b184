/** What a resolver may ask about the field it resolves: made for every field, so it keeps references and copies nothing. */
import type {
  FieldNode,
  FragmentDefinitionNode,
  GraphQLObjectType,
  GraphQLOutputType,
  GraphQLResolveInfo,
  GraphQLSchema,
  OperationDefinitionNode,
  ResponsePath,
} from 'graphql';
import type { FieldPlan } from './field-plan.ts';
import type { Run } from './run.ts';

type Values = GraphQLResolveInfo['variableValues'];

export class FieldInfo implements GraphQLResolveInfo {
  readonly #run: Run;
  readonly #plan: FieldPlan;
  readonly path: ResponsePath;

  constructor(run: Run, plan: FieldPlan, path: ResponsePath) {
    this.#run = run;
    this.#plan = plan;
    this.path = path;
  }

  get fieldName(): string {
    return this.#plan.definition.name;
  }
  get fieldNodes(): readonly FieldNode[] {
    return this.#plan.nodes;
  }
  get returnType(): GraphQLOutputType {
    return this.#plan.definition.type;
  }
  get parentType(): GraphQLObjectType {
    return this.#plan.parentType;
  }
  get schema(): GraphQLSchema {
    return this.#run.schema;
  }
  get fragments(): Readonly<Record<string, FragmentDefinitionNode>> {
    return this.#run.fragments;
  }
  get rootValue(): unknown {
    return this.#run.rootValue;
  }
  get operation(): OperationDefinitionNode {
    return this.#run.operation;
  }
  get variableValues(): Values {
    return this.#run.variableValues;
  }
}
