/**
 * The ordinary request, answered without Yoga: a POST of JSON with one query or mutation that may run, and an answer
 * in JSON. Measured, Yoga's way there and back costs nine times what Node's own does. Whatever is unusual, in its
 * headers, its body or its document, is left to Yoga before anything was executed; so every rule is Yoga's or the
 * operations' own, and where both could answer they answer alike (tested).
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ExecutionResult } from 'graphql';
import { bearerToken } from '../auth/bearer.ts';
import type { Viewers } from '../auth/viewers.ts';
import { limits } from '../chat/limits.ts';
import type { Viewer } from '../chat/viewer.ts';
import { isRefused } from '../operation/documents.ts';
import { errorJson } from '../operation/error-json.ts';
import { timeLeft } from '../operation/execute.ts';
import type { Operations } from '../operation/operations.ts';
import type { OperationRequest } from '../operation/request.ts';
import { type LeftOver, leaveOver, ReadBody } from './left-over.ts';
import { requestInfoOf } from './request-info.ts';

export interface DirectPorts {
  readonly operations: Operations;
  readonly viewers: Viewers;
}

/**
 * False when the request is left to Yoga. Its body, if that was read by then, lies in `request.body`, where Yoga
 * looks for it (left-over.ts).
 */
export type AnswerDirectly = (request: IncomingMessage, response: ServerResponse) => Promise<boolean>;

/** What a caller may accept, and the type of the answer: what Yoga would choose. Others are left to it. */
const answerTypes: ReadonlyMap<string, string> = new Map([
  ['', 'application/json'],
  ['*/*', 'application/json'],
  ['application/json', 'application/json'],
  ['application/graphql-response+json', 'application/graphql-response+json'],
  ['application/graphql-response+json, application/json', 'application/graphql-response+json'],
  ['application/graphql-response+json,application/json;q=0.9', 'application/graphql-response+json'],
]);

const JSON_TYPE = /^application\/json(?:\s*;\s*charset=utf-8)?$/i;

export const createDirectAnswer =
  ({ operations, viewers }: DirectPorts): AnswerDirectly =>
  async (request, response) => {
    const type = answerTypes.get(request.headers.accept ?? '');
    if (type === undefined || !isOrdinary(request)) return false;
    const body = await read(request);
    const arrived = performance.now();
    const asked = parametersIn(body);
    const ran = asked === null ? { arrived } : await run(operations, viewers, request, asked, arrived);
    if ('arrived' in ran) {
      Object.assign(request, { body: new ReadBody(Buffer.from(body)) });
      leaveOver(request, ran);
      return false;
    }
    const text = JSON.stringify(withoutInternals(ran));
    const bytes = Buffer.byteLength(text);
    response.writeHead(statusOf(ran), { 'content-type': `${type}; charset=utf-8`, 'content-length': bytes });
    // Of ASCII alone, which needs no encoding.
    response.end(text, bytes === text.length ? 'latin1' : 'utf8');
    return true;
  };

/** Or what is left over for Yoga to answer: nothing was executed. */
async function run(
  operations: Operations,
  viewers: Viewers,
  incoming: IncomingMessage,
  asked: Asked,
  arrived: number,
): Promise<ExecutionResult | LeftOver> {
  const token = bearerToken(incoming.headers.authorization);
  let viewer: Viewer | null;
  try {
    viewer = token === null ? null : await viewers.of(token);
  } catch (refusal) {
    return { arrived, refusal };
  }
  const checked = operations.check(asked, viewer);
  if (isRefused(checked) || checked.type === 'subscription') return { arrived };
  const { schema } = operations;
  const { document } = checked;
  const { operationName, variables } = asked;
  const args = { schema, document, operationName, variableValues: variables };
  const caller = { viewer, connectionId: null, request: requestInfoOf(incoming) };
  const result = await operations.execute(args, caller, timeLeft(arrived));
  // It did not even begin, for a variable of the wrong type; or it did, and was not done in time.
  return 'data' in result || hasStatus(result) ? result : { arrived };
}

const isOrdinary = ({ method, url, headers }: IncomingMessage): boolean =>
  method === 'POST' &&
  url === '/graphql' &&
  JSON_TYPE.test(headers['content-type'] ?? '') &&
  headers['content-encoding'] === undefined &&
  // Of a length that is known, and allowed.
  Number(headers['content-length']) > 0 &&
  Number(headers['content-length']) <= limits.bodyBytes;

/** Node ends the body at its stated length, and the request when that does not come in time. */
function read(request: IncomingMessage): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  const broken = (): void => reject(new Error('the request was broken off'));
  request.once('end', () => {
    // Every request closes: an error for each, with its stack, was a tenth of what one cost.
    request.off('close', broken);
    const [only] = chunks;
    resolve((chunks.length === 1 && only ? only : Buffer.concat(chunks)).toString('utf8'));
  });
  request.once('error', reject);
  request.once('close', broken);
  return promise;
}

interface Asked extends OperationRequest {
  readonly operationName: string | null;
  readonly variables: { readonly [name: string]: unknown } | null;
}

const isObject = (value: unknown): value is { readonly [name: string]: unknown } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Null for what is none. */
function parametersIn(body: string): Asked | null {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return null;
  }
  if (!isObject(value)) return null;
  const {
    query = null,
    documentId = null,
    operationName = null,
    variables = null,
    extensions = null,
    ...others
  } = value;
  const isKnown =
    (query === null || typeof query === 'string') &&
    (documentId === null || typeof documentId === 'string') &&
    (operationName === null || typeof operationName === 'string') &&
    (variables === null || isObject(variables)) &&
    (extensions === null || isObject(extensions)) &&
    Object.keys(others).length === 0;
  return isKnown ? { query, documentId, operationName, variables, extensions } : null;
}

/** The highest that an error asks for. */
function statusOf({ errors = [] }: ExecutionResult): number {
  let status = 0;
  for (const { extensions } of errors) {
    const { http } = extensions;
    if (isObject(http) && typeof http.status === 'number') status = Math.max(status, http.status);
  }
  return status === 0 ? 200 : status;
}

const hasStatus = ({ errors = [] }: ExecutionResult): boolean =>
  errors.some(({ extensions: { http } }) => isObject(http) && typeof http.status === 'number' && !http.spec);

const withoutInternals = (result: ExecutionResult) =>
  result.errors === undefined ? result : { ...result, errors: result.errors.map(errorJson) };
