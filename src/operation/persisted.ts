/**
 * Documents that the operator keeps, by their hashes: when there are any, nothing else runs. A client names one by its
 * hash, or sends its very text. Where none are kept a hash alone is answered as clients of automatic persisted queries
 * know it: they send the text then.
 */
import { badRequest, type Refusal } from './bad-request.ts';
import { hashIn, type OperationRequest } from './request.ts';

/** Documents by their hashes. */
export type PersistedDocuments = ReadonlyMap<string, string>;

/** The text that a request asks for. */
export type TextOf = (request: OperationRequest) => string | Refusal;

// Clients look for these very words.
const NOT_SUPPORTED = 'PersistedQueryNotSupported';
const NOT_FOUND = 'PersistedQueryNotFound';
/** GraphQL over HTTP writes the algorithm before the hash; what codegen writes has none. */
const ALGORITHM = /^sha256:/;

export function textOf(persisted: PersistedDocuments | null): TextOf {
  return persisted === null ? anyText : keptText(persisted);
}

const anyText: TextOf = (request) => {
  const { query } = request;
  if (query) return query;
  return hashIn(request) === null ? (query ?? noQuery()) : [badRequest(NOT_SUPPORTED)];
};

function keptText(persisted: PersistedDocuments): TextOf {
  const texts = new Set(persisted.values());
  return (request) => {
    const { query } = request;
    const hash = hashIn(request);
    if (hash === null) {
      return query && texts.has(query)
        ? query
        : [badRequest('Only documents that the operator has kept run here: name one by its hash.')];
    }
    const kept = persisted.get(hash) ?? persisted.get(hash.replace(ALGORITHM, ''));
    if (kept === undefined) return [badRequest(NOT_FOUND)];
    return query && query !== kept ? [badRequest('This hash names another document.')] : kept;
  };
}

const noQuery = (): Refusal => [badRequest('Send a document, in `query`.')];
