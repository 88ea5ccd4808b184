/**
 * Queries and mutations, which have one answer: run and answered past graphql-ws, whose way there and back made a dozen
 * promises for each. Whatever else a message asks for, or is refused, is left to it before anything was executed; the
 * frames are the same (there is a test for that).
 */
import type { ExecutionResult } from 'graphql';
import { authorizationIn } from '../auth/bearer.ts';
import type { Viewer } from '../chat/viewer.ts';
import { isRefused } from '../operation/documents.ts';
import { timeLeft } from '../operation/execute.ts';
import { errorJson, type Operations } from '../operation/operations.ts';
import type { Asking, Subscribe } from './incoming.ts';
import { callerOf, type Extra, isOverLimit } from './protocol.ts';

/** Null for what is left to graphql-ws; otherwise settles when it is answered, or nobody waits for an answer. */
export function answerSingle(
  operations: Operations,
  extra: Extra,
  message: Subscribe,
  asking: Asking,
): Promise<void> | null {
  const arrived = performance.now();
  const { connection, incoming } = extra;
  if (connection?.acknowledged !== true || isOverLimit(incoming)) return null;
  const { id, payload } = message;
  const viewer = viewerNow(extra, payload.extensions?.headers);
  if (viewer === undefined) return null;
  const checked = operations.check(payload, viewer);
  if (isRefused(checked) || checked.type === 'subscription') return null;
  const { schema } = operations;
  const { operationName = null, variables = null } = payload;
  const args = { schema, document: checked.document, operationName, variableValues: variables };
  const caller = callerOf(extra, id, payload, viewer);
  return operations.execute(args, caller, timeLeft(arrived)).then((result) => {
    if (!asking.isLeft) answer(operations, extra, id, result);
  });
}

/** Undefined where it has to be waited for, or is refused. */
function viewerNow({ sessions }: Extra, headers: unknown): Viewer | null | undefined {
  try {
    const viewer = sessions.viewerOf(authorizationIn(headers));
    if (!(viewer instanceof Promise)) return viewer;
    // Asked again by graphql-ws's way, and told.
    viewer.catch(() => undefined);
  } catch {
    // The same.
  }
  return undefined;
}

function answer({ present }: Operations, { socket }: Extra, id: string, result: ExecutionResult): void {
  const { errors } = result;
  const name = JSON.stringify(id);
  if (errors !== undefined && !('data' in result)) {
    const payload = JSON.stringify(errors.map((error) => errorJson(present(error))));
    socket.send(`{"id":${name},"type":"error","payload":${payload}}`);
    return;
  }
  const given = errors === undefined ? result : { ...result, errors: errors.map(errorJson) };
  socket.send(`{"id":${name},"type":"next","payload":${JSON.stringify(given)}}`);
  socket.send(`{"id":${name},"type":"complete"}`);
}
