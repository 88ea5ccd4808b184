/**
 * Each limit on operations, over each transport: an operation beyond it ends with a code, and nobody else notices; its
 * own socket goes on as well.
 */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { startEdge, TestClient, type TestEdge } from '../edge/testing/edge-server.ts';
import type { DocumentRules } from '../operation/documents.ts';
import { testOperations } from '../operation/testing/test-operations.ts';
import { startHttp, type TestHttp } from './testing/http-server.ts';

interface Servers {
  readonly http: TestHttp;
  readonly edge: TestEdge;
  /** The socket over which operations are sent, and one that follows numbers meanwhile. */
  readonly client: TestClient;
  readonly neighbour: TestClient;
}

/** What comes of an operation: its code; null when it ran. */
type Ask = (servers: Servers, asked: object) => Promise<string | null>;

interface Answered {
  readonly errors?: readonly { readonly extensions: { readonly code: string } }[];
}
const codeIn = ({ errors }: Answered): string | null => errors?.[0]?.extensions.code ?? null;

const post =
  (headers: Record<string, string>): Ask =>
  async ({ http }, asked) => {
    const response = await fetch(http.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'ada', ...headers },
      body: JSON.stringify(asked),
    });
    return codeIn((await response.json()) as Answered);
  };

const get: Ask = async ({ http }, asked) => {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(asked)) {
    search.set(name, typeof value === 'string' ? value : JSON.stringify(value));
  }
  const response = await fetch(`${http.url}?${search}`, { headers: { authorization: 'ada' } });
  return codeIn((await response.json()) as Answered);
};

const stream: Ask = async ({ http }, asked) => {
  const response = await fetch(http.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream', authorization: 'ada' },
    body: JSON.stringify(asked),
  });
  const text = await response.text();
  const data = text.includes('data:') ? (/data: ?(.*)/.exec(text)?.[1] ?? '') : text;
  return codeIn(JSON.parse(data) as Answered);
};

let asked = 0;
const socket: Ask = async ({ client }, payload) => {
  asked += 1;
  const id = `o${asked}`;
  client.send({ id, type: 'subscribe', payload });
  const end = await Promise.race([client.expect('error', id), client.expect('complete', id)]);
  return end.type === 'error' ? codeIn({ errors: end.payload as NonNullable<Answered['errors']> }) : null;
};

const transports: readonly (readonly [string, Ask])[] = [
  ['POST', post({})],
  ['POST, as unusual clients do', post({ accept: 'application/json;q=0.5, */*' })],
  ['GET', get],
  ['an event stream', stream],
  ['WebSocket', socket],
];

async function open(documents: DocumentRules): Promise<Servers> {
  const operations = testOperations(new Set(), true, documents);
  const edge = await startEdge({ operations });
  const [http, client, neighbour] = await Promise.all([
    startHttp({ documents }),
    TestClient.open(edge.url, { authorization: 'ada' }),
    TestClient.open(edge.url, { authorization: 'neighbour' }),
  ]);
  return { http, edge, client, neighbour };
}

async function close({ http, edge }: Servers): Promise<void> {
  await http.close();
  await edge.close();
}

/** It goes on without a gap, and is answered. */
async function expectUnharmed(client: TestClient, id: string): Promise<void> {
  const heard = () =>
    client.heard
      .filter((message) => message.id === id)
      .map(({ payload }) => (payload as { data: { numbers: { n: number } } }).data.numbers.n);
  const before = heard().length;
  await vi.waitFor(() => expect(heard().length).toBeGreaterThan(before), { timeout: 20_000 });
  expect(heard()).toEqual(heard().map((_, i) => i + 1));
}

describe('an operation that asks for too much', () => {
  let servers: Servers;
  beforeAll(async () => {
    servers = await open({ limits: { tokens: 200, depth: 4, aliases: 3, directives: 3, cost: 500 } });
    servers.client.subscribe('own', 'subscription { numbers { n } }');
    servers.neighbour.subscribe('own', 'subscription { numbers { n } }');
  });
  afterAll(() => close(servers));

  const cases: readonly (readonly [string, object])[] = [
    ['tokens', { query: `{ ${'me '.repeat(250)} }` }],
    [
      'depth',
      { query: '{ tree(first: 1) { tree(first: 1) { tree(first: 1) { tree(first: 1) { name } } } } }' },
    ],
    ['aliases', { query: '{ a: me b: me c: me d: me }' }],
    ['directives', { query: `{ me ${'... @include(if: true) { me } '.repeat(4)} }` }],
    ['cost', { query: '{ tree(first: 50) { tree(first: 50) { name } } }' }],
    [
      'cost, by its variables',
      { query: 'query ($n: Int) { tree(first: $n) { tree(first: $n) { name } } }', variables: { n: 50 } },
    ],
  ];
  describe.each(transports)('over %s', (_, ask) => {
    test.each(cases)('%s', async (_limit, payload) => {
      expect(await ask(servers, payload)).toBe('QUERY_TOO_COMPLEX');
      expect(await ask(servers, { query: '{ me }' })).toBeNull();
      await expectUnharmed(servers.client, 'own');
      await expectUnharmed(servers.neighbour, 'own');
    });

    test('a smaller page of the same document runs', async () => {
      const query = 'query ($n: Int) { tree(first: $n) { tree(first: $n) { name } } }';
      expect(await ask(servers, { query, variables: { n: 5 } })).toBeNull();
    });
  });

  test.each([transports[0], transports[3], transports[4]].filter((one) => one !== undefined))(
    'subscriptions and mutations too, over %s',
    async (_, ask) => {
      const aliased = 'numbers { a: n b: n c: n d: n }';
      expect(await ask(servers, { query: `subscription { ${aliased} }` })).toBe('QUERY_TOO_COMPLEX');
      const echoes = 'a: echo(text: "1") b: echo(text: "2") c: echo(text: "3") d: echo(text: "4")';
      expect(await ask(servers, { query: `mutation { ${echoes} }` })).toBe('QUERY_TOO_COMPLEX');
      await expectUnharmed(servers.neighbour, 'own');
    },
  );
});

describe('where documents are kept', () => {
  const ECHO = 'mutation Echo($t: String) { echo(text: $t) }';
  let servers: Servers;
  beforeAll(async () => {
    servers = await open({
      persisted: new Map([
        ['me', '{ me }'],
        ['echo', ECHO],
        ['numbers', 'subscription { numbers { n } }'],
      ]),
    });
    const extensions = { persistedQuery: { version: 1, sha256Hash: 'numbers' } };
    for (const client of [servers.client, servers.neighbour]) client.subscribe('own', '', { extensions });
  });
  afterAll(() => close(servers));

  describe.each(transports)('over %s', (name, ask) => {
    test('one runs by its hash, however it is written', async () => {
      const requests: object[] = [
        { extensions: { persistedQuery: { version: 1, sha256Hash: 'me' } } },
        { documentId: 'me' },
        { documentId: 'sha256:me' },
        { query: '{ me }' },
      ];
      for (const request of requests) {
        expect({ name, request, code: await ask(servers, request) }).toEqual({ name, request, code: null });
      }
      if (name !== 'GET') {
        expect(await ask(servers, { documentId: 'echo', variables: { t: 'x' } })).toBeNull();
      }
    });

    test('nothing else does', async () => {
      const requests: object[] = [
        { query: '{ __typename }' },
        { query: '{ __schema { queryType { name } } }' },
        { documentId: 'you' },
        { query: '{ __typename }', documentId: 'me' },
        { query: '{ __typename }', extensions: { persistedQuery: { version: 1, sha256Hash: 'new' } } },
      ];
      for (const request of requests) {
        expect({ request, code: await ask(servers, request) }).toEqual({ request, code: 'BAD_USER_INPUT' });
      }
      await expectUnharmed(servers.client, 'own');
      await expectUnharmed(servers.neighbour, 'own');
    });
  });

  test('GET does not mutate by a hash either', async () => {
    const response = await fetch(`${servers.http.url}?documentId=echo`, {
      headers: { authorization: 'ada' },
    });
    expect(response.status).toBe(405);
  });
});

test('over a WebSocket too an operation that never ends is answered, and its socket goes on', async () => {
  const operations = testOperations(new Set());
  const edge = await startEdge({
    operations: { ...operations, execute: (args, caller) => operations.execute(args, caller, 50) },
  });
  const client = await TestClient.open(edge.url, { authorization: 'ada' });
  client.subscribe('own', 'subscription { numbers { n } }');
  client.subscribe('late', '{ never }');
  const late = await Promise.race([client.expect('error', 'late'), client.expect('next', 'late')]);
  expect(JSON.stringify(late.payload)).toContain('"code":"UNAVAILABLE"');
  await expectUnharmed(client, 'own');
  await edge.close();
});
