/**
 * What becomes of operations: a line in the log for each, counts by type and code, and a span. Says who asked by
 * organization alone, and nothing of what was asked but the name that its document has.
 */
import type { GraphQLError } from 'graphql';
import { errorCodes } from '../chat/errors.ts';
import type { Logger } from '../chat/logger.ts';
import type { Caller } from '../operation/contexts.ts';
import { type Asked, errorsOf, type OperationWatch } from '../operation/watch.ts';
import type { Meters } from './meters.ts';
import type { Tracing } from './tracing.ts';

/** What takes longer is worth a look. */
export const SLOW_MS = 1_000;
/** A name is as long as its client likes. */
const NAME_LENGTH = 80;

const BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15];

/** Counted from nothing on: an alert on growth does not see what a number begins with. */
const ALERTED = ['UNAVAILABLE', 'INTERNAL_SERVER_ERROR'];
const TYPES = ['query', 'mutation', 'subscription', 'unknown'];
const TRANSPORTS = ['http', 'websocket'];

const CODES: ReadonlySet<unknown> = new Set(errorCodes);

export interface OperationTelemetry {
  readonly meters: Meters;
  readonly logger: Logger;
  readonly tracing: Tracing | null;
}

export function watchOperations({ meters, logger, tracing }: OperationTelemetry): OperationWatch {
  const counts = meters.counter(
    'backscroll_operations_total',
    'GraphQL operations that were answered, or begun in the case of subscriptions, by the code of their first error',
    ['type', 'transport', 'code'],
  );
  for (const type of TYPES)
    for (const transport of TRANSPORTS) for (const code of ALERTED) counts.of(type, transport, code);
  const durations = meters.histogram(
    'backscroll_operation_duration_seconds',
    'Time an operation took to be answered; of subscriptions: to begin',
    ['type'],
    BOUNDS,
  );

  function settled(
    asked: Asked | { readonly type: 'unknown'; readonly name: null; readonly caller: Caller },
  ) {
    return (code: string, ms: number | null): void => {
      const { type, name, caller } = asked;
      const { request, viewer } = caller;
      counts.of(type, request?.transport ?? 'none', code).add();
      if (ms !== null) durations.of(type).observe(ms);
      const line = {
        requestId: request?.id,
        address: request?.address,
        operation: name?.slice(0, NAME_LENGTH),
        type,
        organization: viewer?.tenant.slug,
        transport: request?.transport,
        ...(ms === null ? {} : { ms: Math.round(ms * 10) / 10 }),
        code,
      };
      if (request !== undefined) request.isTold = true;
      if (ms !== null && ms >= SLOW_MS) logger.warn(line, 'slow operation');
      else if (code === 'UNAVAILABLE' || code === 'INTERNAL_SERVER_ERROR')
        logger.warn(line, 'operation failed');
      else logger.info(line, 'operation');
    };
  }

  return {
    async run(asked, run) {
      // What is unusual about a request over HTTP is found when it has run, and answered by running it another way.
      if (asked.caller.request?.isTold) return run();
      const tell = settled(asked);
      const began = performance.now();
      const span = tracing === null ? null : beginSpan(tracing, asked);
      let code = 'INTERNAL_SERVER_ERROR';
      try {
        const result = await (tracing === null || span === null ? run() : tracing.within(span, run));
        code = codeOf(errorsOf(result));
        return result;
      } finally {
        span?.end(code === 'OK' ? undefined : code);
        tell(code, performance.now() - began);
      }
    },
    refused: (caller, errors) => settled({ type: 'unknown', name: null, caller })(codeOf(errors), null),
  };
}

function beginSpan(tracing: Tracing, { type, name, caller: { request, viewer } }: Asked) {
  return tracing.begin(
    name === null ? type : `${type} ${name.slice(0, NAME_LENGTH)}`,
    request?.transport === 'websocket' ? 'server' : 'internal',
    {
      'graphql.operation.type': type,
      ...(name === null ? {} : { 'graphql.operation.name': name.slice(0, NAME_LENGTH) }),
      ...(viewer === null ? {} : { 'backscroll.organization': viewer.tenant.slug }),
      ...(request === undefined ? {} : { 'backscroll.request_id': request.id }),
    },
    // Over HTTP it lies within the request's own span; a socket has none.
    request?.transport === 'websocket' ? (request.traceparent ?? null) : undefined,
  );
}

function codeOf(errors: readonly GraphQLError[] | undefined): string {
  const [first] = errors ?? [];
  if (first === undefined) return 'OK';
  const { code } = first.extensions;
  return typeof code === 'string' && CODES.has(code) ? code : 'INTERNAL_SERVER_ERROR';
}
