import { errors, types } from 'cassandra-driver';
import { describe, expect, test } from 'vitest';
import { didNothing, isRefusedForItsContent } from './outcome.ts';

const codes = types.responseErrorCodes;
const answered = (code: number) => new errors.ResponseError(code, 'said the server');
const noHost = (inner: Record<string, unknown>) => new errors.NoHostAvailableError(inner);
const socket = (fields: object) =>
  Object.assign(new Error('Socket was closed'), { isSocketError: true }, fields);
const system = (code: string) => Object.assign(new Error(code), { code });

describe('an append that failed may have been done', () => {
  test.each([
    ['the driver’s own time-out, which has no code', new errors.OperationTimedOutError('no answer')],
    ['connection lost', socket({})],
    ['connection reset', system('ECONNRESET')],
    ['write time-out', answered(codes.writeTimeout)],
    ['write failure', answered(codes.writeFailure)],
    ['read time-out, of the promise round', answered(codes.readTimeout)],
    ['read failure', answered(codes.readFailure)],
    ['server error', answered(codes.serverError)],
    ['unavailable: it may come at the commit', answered(codes.unavailableException)],
    ['overloaded: by hints, at the commit', answered(codes.overloaded)],
    ['bootstrapping', answered(codes.isBootstrapping)],
    ['CAS write unknown', answered(0x1700)],
    ['no host, after one of these', noHost({ a: 'Host considered as DOWN', b: socket({}) })],
    ['no host, after a time-out', noHost({ a: new errors.OperationTimedOutError('no answer') })],
    ['no host, nested', noHost({ a: noHost({ b: answered(codes.writeTimeout) }) })],
    ['a bug of the driver', new errors.DriverInternalError('x')],
    ['anything else', new TypeError('x')],
    ['what is no error', 'x'],
    ['nothing', undefined],
  ])('%s', (_, error) => expect(didNothing(error)).toBe(false));
});

describe('an append that failed certainly did nothing', () => {
  test.each([
    ['no host was up', noHost({ a: 'Host considered as DOWN', b: null })],
    ['no host could be connected', noHost({ a: system('ECONNREFUSED'), b: system('EHOSTUNREACH') })],
    ['no host at all', noHost({})],
    ['still queued when the socket broke', noHost({ a: socket({ requestNotWritten: true }) })],
    ['every connection was full', noHost({ a: new errors.BusyConnectionError('a', 2048, 2) })],
    ['not allowed', answered(codes.unauthorized)],
    ['no such table', answered(codes.invalid)],
    ['not prepared', answered(codes.unprepared)],
    ['not signed in', noHost({ a: new errors.AuthenticationError('no') })],
  ])('%s', (_, error) => expect(didNothing(error)).toBe(true));
});

test.each([
  ['invalid', answered(codes.invalid), true],
  ['a frame that is too large', answered(codes.protocolError), true],
  ['not allowed', answered(codes.unauthorized), false],
  ['overloaded', answered(codes.overloaded), false],
  ['write time-out', answered(codes.writeTimeout), false],
  ['no host was up', noHost({ a: 'Host considered as DOWN' }), false],
  ['connection lost', socket({}), false],
])('what is in a batch may be why it was refused: %s', (_, error, expected) =>
  expect(isRefusedForItsContent(error)).toBe(expected),
);
