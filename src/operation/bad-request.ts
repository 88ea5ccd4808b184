/** The answer to a request that can never work as it stands. */
import { GraphQLError } from 'graphql';
import { shortened } from '../chat/errors.ts';

/** Every reason why an operation may not run. */
export type Refusal = readonly GraphQLError[];

/** `http` is for HTTP alone, where it becomes the status; it leaves no server. */
export const badRequest = (message: string, at?: GraphQLError): GraphQLError =>
  new GraphQLError(shortened(message), {
    ...(at?.nodes ? { nodes: at.nodes } : {}),
    ...(at?.source ? { source: at.source, positions: at.positions } : {}),
    // `spec`: 400 for application/graphql-response+json and 200 for the older application/json.
    extensions: { code: 'BAD_USER_INPUT', http: { spec: true, status: 400 } },
  });
