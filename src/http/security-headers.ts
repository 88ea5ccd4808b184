/**
 * What browsers are told to make of our answers, by helmet: reckoned once, since it is the same for every answer. An
 * answer is data: nothing in it may run, and no page may frame it. GraphiQL's page alone has a wider content policy.
 */
import { IncomingMessage, ServerResponse as Recorder, type ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import helmet from 'helmet';

type Headers = readonly (readonly [name: string, value: string])[];

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

const DATA_POLICY = { 'default-src': ["'none'"], 'base-uri': ["'none'"], 'frame-ancestors': ["'none'"] };

/** Sets the headers of every answer. */
export type SetSecurityHeaders = (response: ServerResponse) => void;

/** @param isTlsExpected browsers are told to come by TLS alone from now on; they obey where they came by it. */
export function securityHeaders({ isTlsExpected }: { readonly isTlsExpected: boolean }): SetSecurityHeaders {
  const headers = headersOf({
    contentSecurityPolicy: { useDefaults: false, directives: DATA_POLICY },
    strictTransportSecurity: isTlsExpected,
    xFrameOptions: { action: 'deny' },
  });
  return (response) => {
    for (const [name, value] of headers) response.setHeader(name, value);
  };
}

/** The content policy of GraphiQL's page and files, in the place of that for data. */
export const graphiqlPolicy: string = policyOf(GRAPHIQL_POLICY);

function policyOf(directives: Readonly<Record<string, string[]>>): string {
  const headers = headersOf({ contentSecurityPolicy: { useDefaults: false, directives } });
  const policy = headers.find(([name]) => name === 'content-security-policy');
  if (policy === undefined) throw new Error('helmet gave no content policy');
  return policy[1];
}

/** helmet writes onto a response; this one goes nowhere. */
function headersOf(options: Parameters<typeof helmet>[0]): Headers {
  const request = new IncomingMessage(new Socket());
  const recorder = new Recorder(request);
  helmet(options)(request, recorder, (error) => {
    if (error !== undefined) throw new Error('helmet refuses its options', { cause: error });
  });
  return Object.entries(recorder.getHeaders()).map(([name, value]) => [name, String(value)]);
}
