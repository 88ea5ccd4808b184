import { buildSchema, execute, GraphQLError, parse, validate } from 'graphql';
import { describe, expect, test } from 'vitest';
import { ChatError, rateLimited, unavailable } from '../src/chat/errors.ts';
import { maskErrors, toGraphQLError } from './errors.ts';
import { schema } from './index.ts';

const small = buildSchema('type Query { ask(n: Int!): Int! }');

async function thrown(error: unknown): Promise<GraphQLError | undefined> {
  const result = await execute({
    schema: small,
    document: parse('{ ask(n: 1) }'),
    rootValue: {
      ask: () => {
        throw error;
      },
    },
  });
  return maskErrors(result).errors?.[0];
}

test('a value that is wrong in many ways does not come back in each', async () => {
  const document = parse('query ($n: Int!) { ask(n: $n) }');
  const wrong = { schema: small, document, variableValues: { n: 'x'.repeat(100_000) } };
  const [error] = maskErrors(await execute(wrong)).errors ?? [];
  expect(error?.message).toMatch(/^Variable "\$n" got invalid value "x{900,}…$/);
  expect(error?.message.length).toBeLessThan(2_000);
});

describe('what a resolver throws', () => {
  test('keeps its code, its words and its place', async () => {
    const error = await thrown(new ChatError('FORBIDDEN', 'Not you.'));
    expect(error?.toJSON()).toEqual({
      message: 'Not you.',
      path: ['ask'],
      locations: [{ line: 1, column: 3 }],
      extensions: { code: 'FORBIDDEN' },
    });
  });

  test('says when trying again makes sense', async () => {
    expect((await thrown(unavailable('database')))?.extensions).toEqual({
      code: 'UNAVAILABLE',
      retryable: true,
    });
    expect((await thrown(rateLimited('Slowly.', 250)))?.extensions).toEqual({
      code: 'RATE_LIMITED',
      retryable: true,
      retryAfterMs: 250,
    });
  });

  test.each([
    ['an error', new Error('select * from users')],
    ['a GraphQL error without a code of ours', new GraphQLError('internal detail')],
    [
      'a GraphQL error with a code of somebody else',
      new GraphQLError('x', { extensions: { code: 'SECRET' } }),
    ],
    ['no error at all', 'a string'],
  ])('is masked when it is %s', async (_, error) => {
    const masked: unknown[] = [];
    const shown = await thrown(error);
    expect(shown?.message).toBe('Something went wrong on the server.');
    expect(shown?.extensions).toEqual({ code: 'INTERNAL_SERVER_ERROR' });
    expect(JSON.stringify(shown)).not.toContain('select');
    expect(shown?.originalError).toBeUndefined();
    toGraphQLError(new Error('told'), (what) => masked.push(what));
    expect(masked).toEqual([new Error('told')]);
  });

  test('is masked when its value does not fit the schema', async () => {
    const run = async (value: unknown) =>
      maskErrors(
        await execute({ schema: small, document: parse('{ ask(n: 1) }'), rootValue: { ask: () => value } }),
      ).errors?.[0]?.extensions.code;
    expect(await run('no number')).toBe('INTERNAL_SERVER_ERROR');
    expect(await run(null)).toBe('INTERNAL_SERVER_ERROR');
  });
});

describe('what graphql-js refuses', () => {
  const code = (error: unknown) => toGraphQLError(error).extensions.code;

  test('a document that does not parse or validate', () => {
    try {
      parse('{ ');
    } catch (error) {
      expect(code(error)).toBe('BAD_USER_INPUT');
    }
    expect(validate(schema, parse('{ nothing }')).map(code)).toEqual(['BAD_USER_INPUT']);
    expect.assertions(2);
  });

  test.each([
    ['a missing variable', 'query ($n: Int!) { ask(n: $n) }', {}],
    ['a variable of another type', 'query ($n: Int!) { ask(n: $n) }', { n: 'x' }],
    ['null where none may be', 'query ($n: Int = 1) { ask(n: $n) }', { n: null }],
  ])('%s', async (_, text, variableValues) => {
    const result = await execute({ schema: small, document: parse(text), variableValues });
    expect(maskErrors(result).errors?.map((e) => e.extensions.code)).toEqual(['BAD_USER_INPUT']);
  });

  test.each([
    ['DateTime', 'query ($id: ID!, $v: DateTime!) { channel(id: $id) { cursorAt(date: $v) } }', 'yesterday'],
    [
      'UUID',
      'mutation ($id: ID!, $v: UUID) { sendMessage(input: { channelId: $id, text: "x", clientMessageId: $v }) { isDuplicate } }',
      'x',
    ],
    [
      'JSONObject',
      'mutation ($id: ID!, $v: JSONObject) { sendMessage(input: { channelId: $id, text: "x", metadata: $v }) { isDuplicate } }',
      'x',
    ],
  ])('a variable that is no %s, naming what it should be', async (name, text, v) => {
    const result = await execute({ schema, document: parse(text), variableValues: { id: 'x', v } });
    const [error] = maskErrors(result).errors ?? [];
    expect(error?.extensions.code).toBe('BAD_USER_INPUT');
    expect(error?.message).toContain(`${name} is`);
  });
});
