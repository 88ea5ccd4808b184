/** The answer to an operation that asks for more than any client needs. */
import { type ASTNode, GraphQLError } from 'graphql';

/** `http` is for HTTP alone, where it becomes the status; it leaves no server. */
export const tooComplex = (message: string, node?: ASTNode): GraphQLError =>
  new GraphQLError(message, {
    ...(node === undefined ? {} : { nodes: node }),
    extensions: { code: 'QUERY_TOO_COMPLEX', http: { spec: true, status: 400 } },
  });
