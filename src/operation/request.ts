/**
 * What a client asks for, as it came over any transport: a document as its text, or the hash under which the operator
 * keeps it, with the operation in it and its variables.
 */
export interface OperationRequest {
  readonly query?: string | null | undefined;
  /** As GraphQL over HTTP names kept documents. */
  readonly documentId?: unknown;
  /** `persistedQuery.sha256Hash`, as Apollo's and other clients name them. */
  readonly extensions?: { readonly [name: string]: unknown } | null | undefined;
  readonly operationName?: string | null | undefined;
  readonly variables?: { readonly [name: string]: unknown } | null | undefined;
}

/** The hash by which a request names its document; null when it names none. */
export function hashIn({ documentId, extensions }: OperationRequest): string | null {
  if (typeof documentId === 'string') return documentId;
  const persisted = extensions?.persistedQuery;
  if (typeof persisted !== 'object' || persisted === null || !('sha256Hash' in persisted)) return null;
  return typeof persisted.sha256Hash === 'string' ? persisted.sha256Hash : null;
}
