/**
 * What browsers are told to make of our answers, by helmet: reckoned once, since it is the same for every answer. An
 * answer is data: nothing in it may run, no page may frame it or load it as a picture or a script. GraphiQL's page and
 * its files have a content policy of their own, and what else helmet says of documents.
 */
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import helmet from 'helmet';

type Headers = readonly (readonly [name: string, value: string])[];

const DATA_POLICY = { 'default-src': ["'none'"], 'base-uri': ["'none'"], 'frame-ancestors': ["'none'"] };

/** GraphiQL sets styles as it goes; everything else comes from here or is made in the page. */
const GRAPHIQL_POLICY = {
  'default-src': ["'self'"],
  'style-src': ["'self'", "'unsafe-inline'"],
  'img-src': ["'self'", 'data:'],
  'font-src': ["'self'", 'data:'],
  'worker-src': ["'self'", 'blob:'],
  'base-uri': ["'none'"],
  'form-action': ["'none'"],
  'frame-ancestors': ["'none'"],
};

/** Those of helmet's headers that mean something for data. All of them on every answer cost 3 % of a send. */
const FOR_DATA = new Set([
  'content-security-policy',
  'cross-origin-resource-policy',
  'strict-transport-security',
  'x-content-type-options',
  'x-frame-options',
]);

/** @param isTlsExpected browsers are told to come by TLS alone from now on; they obey where they came by it. */
export function securityHeaders({ isTlsExpected }: { readonly isTlsExpected: boolean }): Headers {
  return headersOf(DATA_POLICY, isTlsExpected).filter(([name]) => FOR_DATA.has(name));
}

/** For GraphiQL's page and its files, over those for data. */
export const graphiqlHeaders: Headers = headersOf(GRAPHIQL_POLICY, false);

export function setHeaders(response: ServerResponse, headers: Headers): void {
  for (const [name, value] of headers) response.setHeader(name, value);
}

/** helmet writes onto a response; this one goes nowhere. */
function headersOf(directives: Readonly<Record<string, string[]>>, isTlsExpected: boolean): Headers {
  const request = new IncomingMessage(new Socket());
  const recorder = new ServerResponse(request);
  const write = helmet({
    contentSecurityPolicy: { useDefaults: false, directives },
    // What else lies under the domain is not ours to decide about.
    strictTransportSecurity: isTlsExpected && { includeSubDomains: false },
    xFrameOptions: { action: 'deny' },
  });
  write(request, recorder, (error) => {
    if (error !== undefined) throw new Error('helmet refuses its options', { cause: error });
  });
  return Object.entries(recorder.getHeaders()).map(([name, value]) => [name, String(value)]);
}
