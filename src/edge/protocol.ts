/**
 * graphql-transport-ws by graphql-ws, with this server's rules: tokens, operations a socket may have, errors with
 * codes. Whatever is wrong with an operation comes back as that operation's `error`; nothing thrown reaches
 * graphql-ws, which would close the socket.
 */
import type { ExecutionArgs, ExecutionResult, GraphQLError } from 'graphql';
import { makeServer, type Server, type ServerOptions } from 'graphql-ws';
import { authorizationIn } from '../auth/bearer.ts';
import { ChatError, rateLimited } from '../chat/errors.ts';
import { limits } from '../chat/limits.ts';
import type { Logger } from '../chat/logger.ts';
import type { Viewer } from '../chat/viewer.ts';
import { isRefused } from '../operation/documents.ts';
import { timeLeft } from '../operation/execute.ts';
import { type Caller, errorJson, type Operations } from '../operation/operations.ts';
import { headerIn, REQUEST_ID_HEADER, requestIdOf } from '../operation/request-id.ts';
import { closeReasons } from './close-codes.ts';
import type { Incoming } from './incoming.ts';
import type { Sessions } from './sessions.ts';
import type { EdgeSocket } from './socket.ts';
import { NothingToGive, SocketSubscription } from './subscription.ts';

const INIT_WAIT_MS = 10_000;
/** Of an operation's id, in the log. */
const SHOWN_ID = 24;

/** What graphql-ws carries along with each socket. */
export interface Extra {
  readonly socket: EdgeSocket;
  readonly sessions: Sessions;
  readonly incoming: Incoming;
  /** Of its client, where that is known. */
  readonly address: string | null;
  /** As graphql-ws knows it, from the client's first word on. */
  connection: Connection | null;
}

type Options = ServerOptions<Record<string, unknown>, Extra>;
type Connection = Parameters<NonNullable<Options['onSubscribe']>>[0];
type Payload = Parameters<NonNullable<Options['onSubscribe']>>[2];

/** An operation that may run; `execute` and `subscribe` are given back what `onSubscribe` made. */
interface Prepared extends ExecutionArgs {
  readonly caller: Caller;
  readonly extra: Extra;
  /** By which the client knows it. */
  readonly id: string;
  /** When it arrived: finding out who asks counts towards its time. */
  readonly arrived: number;
}

export function createProtocol(operations: Operations, logger: Logger): Server<Extra> {
  const options: Options = {
    connectionInitWaitTimeout: INIT_WAIT_MS,
    onConnect: (connection) => connect(connection, logger),
    onSubscribe: async (connection, id, payload) => {
      try {
        return await prepare(operations, connection, id, payload);
      } catch (error) {
        const presented = operations.present(error);
        operations.refused(callerOf(connection.extra, id, payload, null), [presented]);
        return [presented];
      }
    },
    execute: async (args) => {
      const { caller, extra: _, id: __, arrived, ...rest } = prepared(args);
      return asOutcome(await operations.execute(rest, caller, timeLeft(arrived)));
    },
    subscribe: async (args) => {
      const { caller, extra, id, arrived, ...rest } = prepared(args);
      const subscription = new SocketSubscription(extra.socket, id);
      const following = await operations.follow(rest, caller, subscription, timeLeft(arrived));
      if ('errors' in following) return asOutcome(following);
      subscription.startedBy(following);
      // graphql-ws keeps these for as long as the subscription lives: without its cursors, of which there may be many, and without what the log has said already.
      Object.assign(args, { variableValues: null, caller: null });
      return subscription;
    },
    onNext: (_connection, _id, _payload, _args, { data, errors }) =>
      errors && { errors: errors.map(errorJson), ...(data === undefined ? {} : { data }) },
    onError: (_connection, _id, _payload, errors) =>
      errors
        .flatMap((error) =>
          error.originalError instanceof NothingToGive ? error.originalError.errors : [error],
        )
        .map((error) => errorJson(operations.present(error))),
  };
  return makeServer<Record<string, unknown>, Extra>(options);
}

async function connect(connection: Connection, logger: Logger): Promise<boolean> {
  const { connectionParams, extra } = connection;
  extra.connection = connection;
  try {
    await extra.sessions.viewerOf(authorizationIn(connectionParams));
  } catch (error) {
    // Refusals have closed the socket already; this is for a person who cannot be looked up now.
    if (!(error instanceof ChatError)) logger.error({ err: error }, 'a connection could not be signed in');
    extra.socket.close(closeReasons.resume);
  }
  return !extra.socket.isClosing;
}

async function prepare(
  operations: Operations,
  connection: Connection,
  id: string,
  payload: Payload,
): Promise<Prepared | readonly GraphQLError[]> {
  const arrived = performance.now();
  const { extra } = connection;
  const { sessions, incoming } = extra;
  if (isOverLimit(incoming)) {
    throw rateLimited(`A socket runs ${limits.operationsPerSocket} operations at a time.`, 1_000);
  }
  const viewer = await sessions.viewerOf(authorizationIn(payload.extensions?.headers));
  const checked = operations.check(payload, viewer);
  const caller = callerOf(extra, id, payload, viewer);
  if (isRefused(checked)) {
    operations.refused(caller, checked);
    return checked;
  }
  const { operationName = null, variables: variableValues = null } = payload;
  // graphql-ws keeps the message too: a document's text for each of many who ask for the same.
  Object.assign(payload, { query: '', variables: null });
  return {
    schema: operations.schema,
    document: checked.document,
    operationName,
    variableValues,
    // Each execution gets a context of its own; graphql-ws must not look for one.
    contextValue: null,
    rootValue: null,
    caller,
    extra,
    id,
    arrived,
  };
}

/** This one is among them already. What a client begins and completes at once runs on: that is bounded too. */
export const isOverLimit = ({ live, running }: Incoming): boolean =>
  live > limits.operationsPerSocket || running > 2 * limits.operationsPerSocket;

/** Who runs an operation of a socket. */
export function callerOf(
  { sessions: { connectionId }, address }: Extra,
  id: string,
  { extensions }: Payload,
  viewer: Viewer | null,
): Caller {
  const headers = extensions?.headers;
  const traceparent = headerIn(headers, 'traceparent');
  const request = {
    id: requestIdOf(headerIn(headers, REQUEST_ID_HEADER), ...ownNames(connectionId, id)),
    transport: 'websocket' as const,
    ...(address === null ? {} : { address }),
    ...(traceparent === undefined ? {} : { traceparent }),
    isTold: false,
  };
  return { viewer, connectionId, request };
}

/** A long id shows by its beginning, so that both fit; one that is unfit for the log not at all. */
function ownNames(connectionId: string, id: string): readonly string[] {
  // Without the replica before it, whose log it stands in.
  const connection = connectionId.slice(connectionId.indexOf('.') + 1);
  return [`${connection}/${id.slice(0, SHOWN_ID)}`, connection];
}

/**
 * What came of an operation: its result or, when it could not even begin (a variable of the wrong type, a
 * subscription that is refused), its end by `error`. graphql-ws sends that for a stream that throws.
 */
function asOutcome(result: ExecutionResult): ExecutionResult | AsyncIterableIterator<ExecutionResult> {
  const { errors } = result;
  if (errors === undefined || 'data' in result) return result;
  const failing: AsyncIterableIterator<ExecutionResult> = {
    [Symbol.asyncIterator]: () => failing,
    next: () => Promise.reject(new NothingToGive(errors)),
  };
  return failing;
}

function prepared(args: ExecutionArgs): Prepared {
  if ('caller' in args && 'extra' in args) return args as Prepared;
  throw new Error('graphql-ws ran an operation that was not prepared');
}
