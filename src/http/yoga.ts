/**
 * GraphQL over HTTP by Yoga: it reads requests and writes answers, this file's plugin makes it check and run operations
 * like every other transport.
 */
import { IncomingMessage } from 'node:http';
import { GraphQLError } from 'graphql';
import { createYoga, type Plugin, type YogaServerInstance } from 'graphql-yoga';
import { bearerToken } from '../auth/bearer.ts';
import { limits } from '../chat/limits.ts';
import type { Viewer } from '../chat/viewer.ts';
import type { Caller, RequestInfo } from '../operation/contexts.ts';
import { badRequest, isRefused } from '../operation/documents.ts';
import { timeLeft } from '../operation/execute.ts';
import { hashIn, type OperationRequest } from '../operation/request.ts';
import type { GraphQLPorts } from './graphql.ts';
import { type LeftOver, leftOver } from './left-over.ts';
import { requestInfoOf } from './request-info.ts';

type Empty = Record<never, never>;

/** What is known of a request while it is worked on. */
interface Running {
  readonly arrived: number;
  readonly asked: OperationRequest;
  readonly caller: Caller;
  readonly token: string | null;
}

/** Statuses of requests that are refused as a whole; what happens within an operation is answered with 200. */
const statuses: Readonly<Record<string, number>> = {
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  RATE_LIMITED: 429,
  UNAVAILABLE: 503,
  INTERNAL_SERVER_ERROR: 500,
};

/** All of GraphQL over HTTP, for the ordinary request too. */
export function createYogaHandler({
  operations,
  viewers,
  streams,
}: GraphQLPorts): YogaServerInstance<Empty, Empty> {
  const running = new WeakMap<Request, Running>();
  const runningOf = (request: Request): Running => {
    const found = running.get(request);
    if (found === undefined) throw new Error('an operation without a request');
    return found;
  };

  const plugin: Plugin = {
    onRequestParse: ({ requestParser, setRequestParser }) => {
      if (requestParser === undefined) return;
      setRequestParser(async (request) => {
        try {
          return await requestParser(request);
        } catch (error) {
          // Of an address only: Yoga says by itself what is wrong with a body.
          throw error instanceof SyntaxError ? noJson() : error;
        }
      });
    },
    onParams: async ({ request, params, setParams, context }) => {
      const { arrived = performance.now(), refusal } = leftOverOf(context) ?? {};
      const asked = askedIn(request, params);
      // What is named by its hash is found when it is parsed; until then Yoga wants some text.
      if (!asked.query && hashIn(asked) !== null) setParams({ ...params, query: '#' });
      const token = bearerToken(request.headers.get('authorization'));
      const callerOf = (viewer: Viewer | null): Caller => ({
        viewer,
        connectionId: null,
        ...requestOf(context),
      });
      try {
        if (refusal !== undefined) throw refusal;
        const viewer = token === null ? null : await viewers.of(token);
        running.set(request, { arrived, asked, caller: callerOf(viewer), token });
      } catch (error) {
        const presented = operations.present(error);
        operations.refused(callerOf(null), [presented]);
        throw withStatus(presented);
      }
    },
    onParse: ({ context, setParseFn }) => {
      const { request } = context;
      setParseFn(() => {
        const { asked, caller } = runningOf(request);
        const checked = operations.check(asked, caller.viewer);
        if (!isRefused(checked)) return checked.document;
        operations.refused(caller, checked);
        throw new AggregateError(checked);
      });
    },
    // Checked when it was parsed.
    onValidate: ({ setResult }) => setResult([]),
    onExecute: ({ args, setExecuteFn }) => {
      const { caller, arrived } = runningOf(args.contextValue.request);
      setExecuteFn(async () => {
        const result = await operations.execute(args, caller, timeLeft(arrived));
        // It did not even begin, for a variable of the wrong type: as bad as a document that is not valid.
        return 'data' in result ? result : { ...result, errors: result.errors?.map(asBadRequest) };
      });
    },
    onSubscribe: ({ args, setSubscribeFn }) => {
      const { request } = args.contextValue;
      const { caller, token, arrived } = runningOf(request);
      const { viewer } = caller;
      setSubscribeFn(async () => {
        if (!request.headers.get('accept')?.includes('text/event-stream')) {
          return {
            errors: [
              badRequest(
                'Subscriptions run over WebSocket (graphql-transport-ws at this same address), or here with `accept: text/event-stream`.',
              ),
            ],
          };
        }
        const results = await operations.subscribe(args, caller, () => undefined, timeLeft(arrived));
        if (!(Symbol.asyncIterator in results)) return results;
        // A subscription that begins without a viewer would be a bug of the schema: it is not begun.
        if (viewer === null || token === null) {
          await results.return?.();
          throw new Error('a subscription began without a viewer');
        }
        return streams.watch(results, viewer, token);
      });
    },
  };

  return createYoga<Empty, Empty>({
    schema: operations.schema,
    graphqlEndpoint: '/graphql',
    plugins: [plugin],
    graphiql: false,
    landingPage: false,
    cors: false,
    batching: false,
    multipart: false,
    parserAndValidationCache: false,
    extraParamNames: ['documentId'],
    maxRequestBodySize: limits.bodyBytes,
    // What is masked is logged where it is masked.
    logging: false,
    maskedErrors: { errorMessage: '', maskError: (error) => withoutCause(operations.present(error)) },
  });
}

/** Yoga hands Node's own request along, though its types do not say so. */
const incomingOf = (context: object): IncomingMessage | null =>
  'req' in context && context.req instanceof IncomingMessage ? context.req : null;

function requestOf(context: object): { readonly request?: RequestInfo } {
  const incoming = incomingOf(context);
  return incoming === null ? {} : { request: requestInfoOf(incoming) };
}

function leftOverOf(context: object): LeftOver | undefined {
  const incoming = incomingOf(context);
  return incoming === null ? undefined : leftOver(incoming);
}

/** Yoga looks for a document's hash neither in a body nor in an address. */
function askedIn({ method, url }: Request, params: OperationRequest | null): OperationRequest {
  if (method !== 'GET') return params ?? {};
  const documentId = new URL(url).searchParams.get('documentId');
  return documentId === null ? (params ?? {}) : { ...params, documentId };
}

const noJson = (): GraphQLError =>
  new GraphQLError('`variables` and `extensions` must be JSON.', {
    extensions: { code: 'BAD_USER_INPUT', http: { status: 400 } },
  });

const asBadRequest = (error: GraphQLError): GraphQLError =>
  error.extensions.code === 'BAD_USER_INPUT' ? badRequest(error.message, error) : error;

function withStatus(error: GraphQLError): GraphQLError {
  const status = statuses[String(error.extensions.code)];
  if (status === undefined) return error;
  const headers = status === 401 ? { 'www-authenticate': 'Bearer' } : {};
  return new GraphQLError(error.message, { extensions: { ...error.extensions, http: { status, headers } } });
}

/** Yoga puts the parser's own error into the extensions of a body that is no JSON. */
function withoutCause(error: GraphQLError): GraphQLError {
  if (error.extensions.originalError === undefined) return error;
  // Without it Yoga would take this for an error of GraphQL and answer 200; a body that is no JSON never got so far.
  return new GraphQLError(error.message, {
    extensions: { code: error.extensions.code, http: { status: 400 } },
  });
}
