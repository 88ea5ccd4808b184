/** GraphQL over HTTP: ordinary requests by direct.ts, all others by Yoga. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Viewers } from '../auth/viewers.ts';
import type { Operations } from '../operation/operations.ts';
import { createDirectAnswer } from './direct.ts';
import type { EventStreams } from './event-stream.ts';

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
    // Yoga's 450 modules hold some 7 MB, and most servers are asked nothing but ordinary requests.
    yoga ??= openYoga(ports);
    await (await yoga)(request, response);
  };
}

async function openYoga(ports: GraphQLPorts): Promise<GraphQLHandler> {
  const { createYogaHandler } = await import('./yoga.ts');
  const yoga = createYogaHandler(ports);
  return async (request, response) => {
    await yoga(request, response);
  };
}
