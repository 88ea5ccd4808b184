/** What is said of each HTTP request in the log: found again wherever the request is worked on. */
import type { IncomingMessage } from 'node:http';
import type { RequestInfo } from '../operation/contexts.ts';
import { REQUEST_ID_HEADER, requestIdOf } from '../operation/request-id.ts';

const infos = new WeakMap<IncomingMessage, RequestInfo>();

/** The same object for the same request. @param address the client's, said by whoever asks first. */
export function requestInfoOf(request: IncomingMessage, address: string | null = null): RequestInfo {
  const known = infos.get(request);
  if (known !== undefined) return known;
  const { traceparent } = request.headers;
  const info: RequestInfo = {
    id: requestIdOf(request.headers[REQUEST_ID_HEADER]),
    transport: 'http',
    ...(address === null ? {} : { address }),
    ...(typeof traceparent === 'string' ? { traceparent } : {}),
    isTold: false,
  };
  infos.set(request, info);
  return info;
}
