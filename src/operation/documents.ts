/**
 * From a request's text to a document that may run: parsed, valid, with the operation it names. The same for
 * HTTP and WebSocket. What was checked once is remembered, since clients send the same few texts for ever.
 */
import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  NoSchemaIntrospectionCustomRule,
  type OperationDefinitionNode,
  parse,
  specifiedRules,
  validate,
} from 'graphql';

/** Tokens of one document: GraphiQL's introspection has some 400, a page with everything in it some 1,000. */
const MAX_TOKENS = 5_000;
/** Errors after which validation stops: nobody reads more. */
const MAX_ERRORS = 20;
const REMEMBERED_DOCUMENTS = 500;
const REMEMBERED_CHARACTERS = 20_000;
/** Of all texts together: what is parsed of one takes some 70 times its length, its plans nearly as much again. */
const REMEMBERED_CHARACTERS_OF_ALL = 1_000_000;

export interface Operation {
  readonly document: DocumentNode;
  readonly type: OperationDefinitionNode['operation'];
}

/** An operation that may run, or every reason why not. */
export type Checked = Operation | readonly GraphQLError[];

export const isRefused = (checked: Checked): checked is readonly GraphQLError[] => Array.isArray(checked);

export interface Documents {
  /** @param mayIntrospect whether this caller may ask for the schema. */
  check(query: string, operationName: string | null | undefined, mayIntrospect: boolean): Checked;
}

type Valid = DocumentNode | readonly GraphQLError[];

export function createDocuments(schema: GraphQLSchema): Documents {
  const open = remember((text) => check(schema, text));
  const closed = remember((text) => withoutIntrospection(schema, open(text)));
  return {
    check: (query, operationName, mayIntrospect) => {
      const document = (mayIntrospect ? open : closed)(query);
      if (!('kind' in document)) return document;
      const operation = getOperationAST(document, operationName);
      if (operation) return { document, type: operation.operation };
      return [
        badRequest(
          operationName
            ? `The document has no operation called ${JSON.stringify(operationName)}.`
            : 'The document has several operations: name one with operationName.',
        ),
      ];
    },
  };
}

/** A request that can never work as it stands. `http` is for Yoga, which takes it out of the answer. */
export const badRequest = (message: string, at?: GraphQLError): GraphQLError =>
  new GraphQLError(message, {
    ...(at?.nodes ? { nodes: at.nodes } : {}),
    ...(at?.source ? { source: at.source, positions: at.positions } : {}),
    // `spec`: 400 for application/graphql-response+json and 200 for the older application/json.
    extensions: { code: 'BAD_USER_INPUT', http: { spec: true, status: 400 } },
  });

function check(schema: GraphQLSchema, text: string): Valid {
  let document: DocumentNode;
  try {
    document = parse(text, { maxTokens: MAX_TOKENS });
  } catch (error) {
    if (error instanceof GraphQLError) return [badRequest(error.message, error)];
    throw error;
  }
  const errors = validate(schema, document, specifiedRules, { maxErrors: MAX_ERRORS });
  return errors.length === 0 ? document : errors.map((error) => badRequest(error.message, error));
}

function withoutIntrospection(schema: GraphQLSchema, valid: Valid): Valid {
  if (!('kind' in valid)) return valid;
  const errors = validate(schema, valid, [NoSchemaIntrospectionCustomRule], { maxErrors: 1 });
  if (errors.length === 0) return valid;
  const extensions = { code: 'UNAUTHENTICATED', http: { status: 401 } };
  return [new GraphQLError('Introspection needs a token here.', { extensions })];
}

function remember(compute: (text: string) => Valid): (text: string) => Valid {
  const known = new Map<string, Valid>();
  let characters = 0;
  const forget = (text: string): void => {
    if (known.delete(text)) characters -= text.length;
  };
  return (text) => {
    if (text.length > REMEMBERED_CHARACTERS) return compute(text);
    const valid = known.get(text) ?? compute(text);
    forget(text);
    known.set(text, valid);
    characters += text.length;
    for (const oldest of known.keys()) {
      if (known.size <= REMEMBERED_DOCUMENTS && characters <= REMEMBERED_CHARACTERS_OF_ALL) break;
      forget(oldest);
    }
    return valid;
  };
}
