/** Answers outside GraphQL, in GraphQL's form, so that clients read one kind of error. */
import type { ServerResponse } from 'node:http';
import type { ErrorCode } from '../chat/errors.ts';

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
  });
  response.end(JSON.stringify(body));
}

export function sendText(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' });
  response.end(body);
}

export interface Refusal {
  readonly status: number;
  readonly code: ErrorCode;
  readonly message: string;
}

export function sendRefusal(response: ServerResponse, { status, code, message }: Refusal): void {
  const retryable = code === 'UNAVAILABLE' || code === 'RATE_LIMITED' ? { retryable: true } : {};
  sendJson(response, status, { errors: [{ message, extensions: { code, ...retryable } }] });
}
