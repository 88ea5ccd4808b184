/** GraphQL over HTTP: ordinary requests by direct.ts, all others by Yoga. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Viewers } from '../auth/viewers.ts';
import { limits } from '../chat/limits.ts';
import type { Operations } from '../operation/operations.ts';
import { readUpTo } from './body.ts';
import { createDirectAnswer } from './direct.ts';
import type { EventStreams } from './event-stream.ts';
import { ReadBody } from './left-over.ts';
import { type Refusal, sendRefusal } from './replies.ts';

export interface GraphQLPorts {
  readonly operations: Operations;
  readonly viewers: Viewers;
  readonly streams: EventStreams;
}

export type GraphQLHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

export function createGraphQLHandler(ports: GraphQLPorts): GraphQLHandler {
  const answerDirectly = createDirectAnswer(ports);
  let yoga: Promise<GraphQLHandler> | undefined;
  return async (request, response) => {
    if (await answerDirectly(request, response)) return;
    // Yoga would answer it with its stack.
    if (!isHost(request.headers.host)) return sendRefusal(response, notHost);
    // Yoga's 450 modules hold some 7 MB, and most servers are asked nothing but ordinary requests.
    yoga ??= openYoga(ports);
    const answer = await yoga;
    // Of one that is too long Yoga would leave the rest where it is, before the connection's next request.
    if (hasBodyOfUnknownLength(request)) {
      const bytes = await readUpTo(request, limits.bodyBytes);
      if (bytes === null) return sendRefusal(response, tooLong);
      Object.assign(request, { body: new ReadBody(bytes) });
    }
    await answer(request, response);
  };
}

const hasBodyOfUnknownLength = ({ method, headers }: IncomingMessage): boolean =>
  method === 'POST' && headers['transfer-encoding'] !== undefined;
const tooLong: Refusal = { status: 413, code: 'BAD_USER_INPUT', message: 'Request body too large' };

/** None at all is one: HTTP 1.0 has none. */
const isHost = (host = ''): boolean => host === '' || URL.canParse(`http://${host}`);
const notHost: Refusal = {
  status: 400,
  code: 'BAD_USER_INPUT',
  message: 'The Host header is not the name of a host.',
};

async function openYoga(ports: GraphQLPorts): Promise<GraphQLHandler> {
  const { createYogaHandler } = await import('./yoga.ts');
  const yoga = createYogaHandler(ports);
  return async (request, response) => {
    await yoga(request, response);
  };
}
