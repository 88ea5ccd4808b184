/**
 * From a request to a document that may run: found, parsed, valid, with the operation it names, and within its limits.
 * The same for every transport. What was checked once is remembered, since clients send the same few texts for ever.
 */
import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  NoSchemaIntrospectionCustomRule,
  parse,
  specifiedRules,
  validate,
} from 'graphql';
import { badRequest, type Refusal } from './bad-request.ts';
import { CheckedDocument, type Operation } from './checked-document.ts';
import { refuseCounts } from './limits/counts.ts';
import { defaultOperationLimits, type OperationLimits } from './limits/operation-limits.ts';
import { tooComplex } from './limits/too-complex.ts';
import { type PersistedDocuments, textOf } from './persisted.ts';
import type { OperationRequest } from './request.ts';
import { refuseRootConditions } from './root-conditions.ts';

export { badRequest } from './bad-request.ts';
export type { Operation } from './checked-document.ts';

/** Errors after which validation stops: nobody reads more. */
const MAX_ERRORS = 20;
const REMEMBERED_DOCUMENTS = 500;
const REMEMBERED_CHARACTERS = 20_000;
/** Of all texts together: what is parsed of one takes some 70 times its length, its plans nearly as much again. */
const REMEMBERED_CHARACTERS_OF_ALL = 1_000_000;

/** An operation that may run, or every reason why not. */
export type Checked = Operation | Refusal;

export const isRefused = (checked: Checked): checked is Refusal => Array.isArray(checked);

export interface Documents {
  /** @param mayIntrospect whether this caller may ask for the schema. */
  check(request: OperationRequest, mayIntrospect: boolean): Checked;
  /** What is wrong with a document, whichever of its operations is meant; null when it is valid. */
  fault(text: string): Refusal | null;
}

export interface DocumentRules {
  readonly limits?: OperationLimits;
  /** Null: any document runs. */
  readonly persisted?: PersistedDocuments | null;
}

type Valid = CheckedDocument | Refusal;

export function createDocuments(
  schema: GraphQLSchema,
  { limits = defaultOperationLimits, persisted = null }: DocumentRules = {},
): Documents {
  const find = textOf(persisted);
  const open = remember((text) => shallow(() => check(schema, text, limits, true)));
  const closed = remember((text) =>
    shallow(() => withoutIntrospection(schema, check(schema, text, limits, false))),
  );
  return {
    fault: (text) => {
      const valid = open(text);
      return valid instanceof CheckedDocument ? null : valid;
    },
    check: (request, mayIntrospect) => {
      const text = find(request);
      if (typeof text !== 'string') return text;
      const valid = (mayIntrospect ? open : closed)(text);
      if (!(valid instanceof CheckedDocument)) return valid;
      return valid.operation(request.operationName ?? null, request.variables ?? {});
    },
  };
}

/** graphql-js goes into a document by recursion, and some thousand brackets within each other are more than a stack holds. */
function shallow(compute: () => Valid): Valid {
  try {
    return compute();
  } catch (error) {
    if (error instanceof RangeError) return [tooComplex('The document is nested too deeply to be read.')];
    throw error;
  }
}

/** @param isSchemaOpen whether errors may name what the schema has instead. */
function check(schema: GraphQLSchema, text: string, limits: OperationLimits, isSchemaOpen: boolean): Valid {
  let document: DocumentNode;
  try {
    document = parse(text, { maxTokens: limits.tokens });
  } catch (error) {
    if (error instanceof GraphQLError) return [parseError(error, limits)];
    throw error;
  }
  const refused = refuseCounts(document, limits) ?? refuseRootConditions(document);
  if (refused !== null) return [refused];
  const errors = validate(schema, document, specifiedRules, {
    maxErrors: MAX_ERRORS,
    hideSuggestions: !isSchemaOpen,
  });
  if (errors.length === 0) return new CheckedDocument(schema, document, limits);
  return errors.map((error) =>
    isBudgetSpent(error) ? tooManyConflicts() : badRequest(error.message, error),
  );
}

/** graphql-js has no other sign of these two. */
const isTooLong = ({ message }: GraphQLError): boolean => message.includes('Document contains more that');
const isBudgetSpent = ({ message }: GraphQLError): boolean => message === 'Validation aborted.';

const parseError = (error: GraphQLError, { tokens }: OperationLimits): GraphQLError =>
  isTooLong(error)
    ? tooComplex(`The document has more than ${tokens} tokens.`)
    : badRequest(error.message, error);

const tooManyConflicts = (): GraphQLError =>
  tooComplex('The document asks for the same fields too often for them to be compared.');

function withoutIntrospection(schema: GraphQLSchema, valid: Valid): Valid {
  if (!(valid instanceof CheckedDocument)) return valid;
  const errors = validate(schema, valid.document, [NoSchemaIntrospectionCustomRule], { maxErrors: 1 });
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
