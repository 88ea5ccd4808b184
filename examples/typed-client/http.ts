/** Queries and mutations over HTTP: `fetch`, with the document's own types. */
import type { TypedDocumentString } from './generated/graphql.ts';

/** Where the server is, and who asks. */
export interface Server {
  /** `http://127.0.0.1:4000` */
  readonly url: string;
  readonly token: string;
}

/** The server refused; `code` is one of the schema's ErrorCode. */
export class RequestRefused extends Error {
  override readonly name = 'RequestRefused';
  readonly code: string;

  constructor(code: string, message: string) {
    super(`${code}: ${message}`);
    this.code = code;
  }
}

interface Answer<Result> {
  readonly data?: Result | null;
  readonly errors?: readonly { readonly message: string; readonly extensions?: { readonly code?: string } }[];
}

/** Throws RequestRefused when the answer holds an error. */
export async function request<Result, Variables>(
  server: Server,
  document: TypedDocumentString<Result, Variables>,
  variables: Variables,
): Promise<Result> {
  const response = await fetch(new URL('/graphql', server.url), {
    method: 'POST',
    headers: {
      authorization: `Bearer ${server.token}`,
      'content-type': 'application/json',
      accept: 'application/graphql-response+json',
    },
    body: JSON.stringify({ query: document.toString(), variables }),
    signal: AbortSignal.timeout(20_000),
  });
  const { data, errors } = (await response.json()) as Answer<Result>;
  const [error] = errors ?? [];
  if (error !== undefined) throw new RequestRefused(error.extensions?.code ?? 'UNKNOWN', error.message);
  if (data === undefined || data === null) throw new RequestRefused('UNKNOWN', `HTTP ${response.status}`);
  return data;
}
