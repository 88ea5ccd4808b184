import { expect, test } from 'vitest';
import { loggedError } from './logged-error.ts';

test('of an error its kind, code, words, stack and causes, and nothing that a driver hung on it', () => {
  const cause = Object.assign(new Error('duplicate key'), {
    code: '23505',
    detail: 'Key (text)=(SECRET) already exists.',
    parameters: ['SECRET'],
    query: 'insert SECRET',
  });
  const error = Object.assign(new TypeError('it broke', { cause }), { variables: { text: 'SECRET' } });
  const logged = loggedError(error);
  expect(logged).toMatchObject({
    type: 'TypeError',
    message: 'it broke',
    stack: expect.stringContaining('logged-error.test.ts'),
    cause: { type: 'Error', code: '23505', message: 'duplicate key' },
  });
  expect(JSON.stringify(logged)).not.toContain('SECRET');
});

test('several at once, and causes that go round, come to an end', () => {
  const round = new Error('round');
  round.cause = round;
  const logged = loggedError(new AggregateError([round, 1, 2, 3], 'none of them'));
  expect(logged.errors).toHaveLength(3);
  let depth = 0;
  for (let one = logged.errors?.[0]; one !== undefined; one = one.cause) depth += 1;
  expect(depth).toBeLessThan(6);
});

test('what is no error says nothing of what it is', () => {
  expect(JSON.stringify(loggedError('SECRET'))).not.toContain('SECRET');
});

test('what was no JSON is not repeated: it may be what somebody wrote', () => {
  for (const text of ['SECRET words', '{"text":"SECRET", words}', `{"a":"${'SECRET '.repeat(30)}`]) {
    let thrown: unknown;
    try {
      JSON.parse(text);
    } catch (error) {
      thrown = error;
    }
    const told = loggedError(thrown);
    expect(told).toMatchObject({ type: 'SyntaxError', stack: expect.stringContaining('logged-error.test') });
    expect(JSON.stringify(told)).not.toContain('SECRET');
  }
});
