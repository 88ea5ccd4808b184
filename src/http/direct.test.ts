/** Ordinary requests, and all that are nearly so, are answered as Yoga would: status, type and body alike. */
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { limits } from '../chat/limits.ts';
import { testViewers } from '../operation/testing/test-operations.ts';
import { startHttp, type TestHttp } from './testing/http-server.ts';

let server: TestHttp;
let yoga: TestHttp;
beforeAll(async () => {
  [server, yoga] = await Promise.all([startHttp(), startHttp({ isByYogaAlone: true })]);
});
afterAll(async () => {
  await server.close();
  await yoga.close();
});

interface Asked {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

function ask(to: TestHttp, { method = 'POST', path = '/graphql', headers = {}, body = '' }: Asked) {
  const { promise, resolve, reject } = Promise.withResolvers<object>();
  const asking = request(
    {
      port: to.port,
      host: '127.0.0.1',
      method,
      path,
      headers: { 'content-type': 'application/json', ...headers },
    },
    (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const { 'content-type': type, vary, 'www-authenticate': scheme } = response.headers;
        const text = Buffer.concat(chunks).toString();
        resolve({ status: response.statusCode, type, vary, scheme, text });
      });
    },
  );
  asking.on('error', reject);
  asking.end(body);
  return promise;
}

async function alike(asked: Asked) {
  const [direct, other] = await Promise.all([ask(server, asked), ask(yoga, asked)]);
  expect(direct).toEqual(other);
  return direct as { status: number; type: string; text: string };
}

const json = (value: unknown, headers: Record<string, string> = {}): Asked => {
  const body = JSON.stringify(value);
  return { body, headers: { 'content-length': String(Buffer.byteLength(body)), ...headers } };
};
const as = (name: string) => ({ authorization: `Bearer ${name}` });

test('what was asked is answered, in JSON', async () => {
  const answer = await alike(json({ query: '{ me }' }, as('ada')));
  expect(answer).toMatchObject({ status: 200, type: 'application/json; charset=utf-8' });
  expect(JSON.parse(answer.text)).toEqual({ data: { me: 'ada' } });
  const query = 'mutation M($text: String) { echo(text: $text) } query Q { me }';
  const sent = await alike(json({ query, operationName: 'M', variables: { text: 'é🎉' } }, as('ada')));
  expect(JSON.parse(sent.text)).toEqual({ data: { echo: 'ada: é🎉' } });
});

describe('the same by both ways', () => {
  const ME = { query: '{ me }' };
  test.each([
    ['without a token', json(ME)],
    ['a bad token', json(ME, as('bad'))],
    ['a token of no organization', json(ME, as('stranger'))],
    ['a database that is away', json(ME, as('offline'))],
    ['a bare token', json(ME, { authorization: 'ada' })],
    ['an error within', json({ query: '{ bug me }' }, as('ada'))],
    ['a syntax error', json({ query: '{ me' }, as('ada'))],
    ['an unknown field', json({ query: '{ you }' }, as('ada'))],
    ['an unknown operation', json({ ...ME, operationName: 'Q' }, as('ada'))],
    [
      'variables of the wrong type',
      json({ query: 'query ($a: Int!) { __typename }', variables: { a: 'x' } }),
    ],
    [
      'variables of the wrong type, in mutations',
      json({ query: 'mutation ($t: String) { echo(text: $t) }', variables: { t: 1 } }, as('ada')),
    ],
    ['a subscription', json({ query: 'subscription { numbers { n } }' }, as('ada'))],
    ['introspection', json({ query: '{ __schema { queryType { name } } }' })],
    ['variables that are none', json({ ...ME, variables: 'x' }, as('ada'))],
    ['variables that are a list', json({ ...ME, variables: [] }, as('ada'))],
    ['a name that is none', json({ ...ME, operationName: 5 }, as('ada'))],
    ['extensions that are none', json({ ...ME, extensions: 'x' }, as('ada'))],
    ['nulls', json({ ...ME, operationName: null, variables: null, extensions: null }, as('ada'))],
    ['extensions', json({ ...ME, extensions: { a: 1 } }, as('ada'))],
    ['a parameter more', json({ ...ME, more: 1 }, as('ada'))],
    ['no query', json({ variables: {} }, as('ada'))],
    ['an empty query', json({ query: '' }, as('ada'))],
    ['a query that is no text', json({ query: 5 }, as('ada'))],
    ['a list', json([ME], as('ada'))],
    ['text', json('hello', as('ada'))],
    ['null', json(null, as('ada'))],
    ['no JSON', { body: '{', headers: { 'content-length': '1', ...as('ada') } }],
    ['nothing', { body: '' }],
    ['a query string', { ...json(ME, as('ada')), path: '/graphql?x=1' }],
    ['a charset', json(ME, { ...as('ada'), 'content-type': 'application/json; charset=utf-8' })],
    ['another charset', json(ME, { ...as('ada'), 'content-type': 'application/json; charset=latin1' })],
    ['another type', json(ME, { ...as('ada'), 'content-type': 'text/plain' })],
    ['form data', json(ME, { ...as('ada'), 'content-type': 'application/x-www-form-urlencoded' })],
    [
      'a body in chunks',
      { body: JSON.stringify(ME), headers: { 'transfer-encoding': 'chunked', ...as('ada') } },
    ],
    ['a PUT', { ...json(ME, as('ada')), method: 'PUT' }],
  ] as [string, Asked][])('%s', async (_, asked) => {
    await alike(asked);
  });

  test.each([
    '*/*',
    'application/json',
    'application/graphql-response+json',
    'application/graphql-response+json, application/json',
    'application/graphql-response+json,application/json;q=0.9',
    'application/json, application/graphql-response+json',
    'text/html',
    'text/event-stream',
    'application/json; charset=latin1',
    'nonsense',
  ])('accept: %s, for what is well and what is not', async (accept) => {
    await alike(json({ query: '{ me }' }, { ...as('ada'), accept }));
    await alike(json({ query: '{ you }' }, { ...as('ada'), accept }));
    await alike(json({ query: '{ me }' }, { ...as('bad'), accept }));
  });

  test('a body of the limit, and one byte more', async () => {
    const padded = (bytes: number) => {
      const value = { query: '{ me }', variables: { pad: '' } };
      const rest = bytes - JSON.stringify(value).length;
      return json({ ...value, variables: { pad: 'x'.repeat(rest) } }, as('ada'));
    };
    expect(await alike(padded(limits.bodyBytes))).toMatchObject({ status: 200 });
    expect(await alike(padded(limits.bodyBytes + 1))).toMatchObject({ status: 413 });
  });
});

test('a long body that is left to Yoga keeps nobody waiting', async () => {
  const keys = vi.spyOn(Object, 'keys');
  try {
    const body = `{"query":"${'x'.repeat(100_000)}`;
    expect(await ask(server, { body, headers: { 'content-length': String(body.length) } })).toMatchObject({
      status: 400,
    });
    const counted = keys.mock.results.map(({ value }) => (Array.isArray(value) ? value.length : 0));
    expect(Math.max(...counted)).toBeLessThan(1_000);
  } finally {
    keys.mockRestore();
  }
});

test('an operation runs once, whichever way is taken', async () => {
  const answer = await alike(
    json({ query: 'mutation { a: echo(text: "x") b: echo(text: "y") }' }, as('ada')),
  );
  expect(JSON.parse(answer.text)).toEqual({ data: { a: 'ada: x', b: 'ada: y' } });
});

test.each(['bad', 'stranger', 'offline'])('who cannot be signed in is asked for once: %s', async (name) => {
  const asked: string[] = [];
  const viewers = {
    of: (token: string) => {
      asked.push(token);
      return testViewers.of(token);
    },
  };
  const counting = await startHttp({ viewers });
  try {
    expect(await ask(counting, json({ query: '{ me }' }, as(name)))).toEqual(
      await ask(yoga, json({ query: '{ me }' }, as(name))),
    );
    expect(asked).toEqual([name]);
  } finally {
    await counting.close();
  }
});
