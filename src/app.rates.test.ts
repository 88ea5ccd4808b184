/** What may be written, on the whole program: each limit on each transport, and nobody else harmed. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type App, startApp } from './app.ts';
import { loadDevKey } from './auth/dev-key.ts';
import { signDevToken } from './auth/sign.ts';
import { silentLogger } from './chat/logger.ts';
import { readConfig } from './config/config.ts';
import { TestClient } from './edge/testing/edge-server.ts';

interface Answer {
  readonly data?: {
    readonly done?: {
      readonly channel?: { readonly id: string };
      readonly message?: { readonly id: string };
    };
    readonly viewer?: { readonly user: { readonly handle: string; readonly id?: string } };
  } | null;
  readonly errors?: readonly { readonly extensions: Readonly<Record<string, unknown>> }[];
}
type Run = (query: string, variables?: object) => Promise<Answer>;

const SEND = 'mutation ($input: SendMessageInput!) { done: sendMessage(input: $input) { message { id } } }';
const REACT = 'mutation ($input: ReactionInput!) { done: addReaction(input: $input) { message { id } } }';
const CREATE =
  'mutation ($input: CreateChannelInput!) { done: createChannel(input: $input) { channel { id } } }';
const JOIN = 'mutation ($input: ChannelInput!) { done: joinChannel(input: $input) { membership { id } } }';

let folder: string;
let app: App;
let key: Uint8Array;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'backscroll-rates-'));
  const settings = {
    DATA_DIR: folder,
    PORT: '0',
    SEND_LIMIT_PER_USER: '3/h',
    SEND_LIMIT_PER_CHANNEL: '5/h',
    SEND_LIMIT_PER_ORGANIZATION: '7/h',
    CHANGE_LIMIT_PER_USER: '4/2s',
  };
  // The demo that it begins with is more than these limits: it is not counted.
  app = await startApp(readConfig(settings), silentLogger);
  key = await loadDevKey(folder);
}, 120_000);
afterAll(async () => {
  await app.close();
  await rm(folder, { recursive: true });
});

const tokenOf = async (organization: string, subject: string) =>
  (await signDevToken(key, { organization, subject, handle: subject }, Date.now())).token;

const overHttp =
  (token: string, accept = 'application/json'): Run =>
  async (query, variables = {}) => {
    const response = await fetch(`${app.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, accept },
      body: JSON.stringify({ query, variables }),
    });
    const text = await response.text();
    const json = accept === 'text/event-stream' ? (/^data: (\{.*)$/m.exec(text)?.[1] ?? text) : text;
    return JSON.parse(json) as Answer;
  };

/** Of an operation that could not even begin: a mistake of this test. */
async function failed(client: TestClient, id: string): Promise<never> {
  throw new Error(JSON.stringify(await client.expect('error', id)));
}

let ids = 0;
async function overSocket(token: string): Promise<Run & { readonly client: TestClient }> {
  const client = await TestClient.open(`${app.url.replace('http', 'ws')}/graphql`, { authorization: token });
  const run: Run = async (query, variables = {}) => {
    ids += 1;
    client.subscribe(`o${ids}`, query, { variables });
    return (await Promise.race([client.expect('next', `o${ids}`), failed(client, `o${ids}`)]))
      .payload as Answer;
  };
  return Object.assign(run, { client });
}

const refusal = ({ errors }: Answer) => errors?.[0]?.extensions;
const limited = { code: 'RATE_LIMITED', retryable: true, retryAfterMs: expect.any(Number) };

async function channelOf(run: Run): Promise<string> {
  const { data } = await run(CREATE, { input: { name: 'Talk', visibility: 'PUBLIC' } });
  return data?.done?.channel?.id ?? '';
}
const send = (run: Run, channelId: string) => run(SEND, { input: { channelId, text: 'hello' } });

const transports: Record<string, (token: string) => Promise<Run> | Run> = {
  HTTP: (token) => overHttp(token),
  'event streams': (token) => overHttp(token, 'text/event-stream'),
  WebSocket: (token) => overSocket(token),
};

describe.each(Object.entries(transports))('over %s', (name, open) => {
  const organization = `o-${name.toLowerCase().replace(' ', '-')}`;

  test('a person who sends too much is told when to go on, and goes on with all else', async () => {
    const run = await open(await tokenOf(organization, 'ada'));
    const channelId = await channelOf(run);
    for (let i = 0; i < 3; i += 1) expect((await send(run, channelId)).errors).toBeUndefined();
    for (let i = 0; i < 3; i += 1) {
      const refused = refusal(await send(run, channelId));
      expect(refused).toMatchObject(limited);
      expect(refused?.retryAfterMs).toBeGreaterThan(0);
      expect(refused?.retryAfterMs).toBeLessThanOrEqual(3_600_000);
    }
    expect((await run('{ viewer { user { handle } } }')).data).toEqual({
      viewer: { user: { handle: 'ada' } },
    });

    // Her neighbours in the channel, until that has had its five, too.
    const grace = await open(await tokenOf(organization, 'grace'));
    await grace(JOIN, { input: { channelId } });
    for (let i = 0; i < 2; i += 1) expect((await send(grace, channelId)).errors).toBeUndefined();
    expect(refusal(await send(grace, channelId))).toMatchObject(limited);

    // And the organization, which has had five of its seven, while another has not.
    const alan = await open(await tokenOf(organization, 'alan'));
    const other = await channelOf(alan);
    for (let i = 0; i < 2; i += 1) expect((await send(alan, other)).errors).toBeUndefined();
    expect(refusal(await send(alan, other))).toMatchObject(limited);
    const stranger = await open(await tokenOf(`${organization}-2`, 'ada'));
    expect((await send(stranger, await channelOf(stranger))).errors).toBeUndefined();
  });
});

test('a channel that is full is told of to nobody who may not send there', async () => {
  const [ada, grace] = [overHttp(await tokenOf('full', 'ada')), overHttp(await tokenOf('full', 'grace'))];
  const memberIds = [(await grace('{ viewer { user { id handle } } }')).data?.viewer?.user.id];
  const { data } = await ada(CREATE, { input: { name: 'Secret', visibility: 'PRIVATE', memberIds } });
  const id = data?.done?.channel?.id ?? '';
  for (const run of [ada, ada, ada, grace, grace]) expect((await send(run, id)).errors).toBeUndefined();
  expect(refusal(await send(grace, id))).toMatchObject(limited);
  const eve = overHttp(await tokenOf('full', 'eve'));
  const answers = [await send(eve, id), await send(eve, id)].map(refusal);
  for (const answer of answers) expect(answer).toMatchObject({ code: 'NOT_FOUND' });
});

test('changes are limited too, for as long as is said, and sends and reads go on', async () => {
  const run = await overSocket(await tokenOf('changes', 'ada'));
  const channelId = await channelOf(run);
  const { data } = await send(run, channelId);
  const messageId = data?.done?.message?.id;
  const react = (i: number) => run(REACT, { input: { messageId, emoji: ['👍', '🎉', '🚀'][i % 3] } });
  const answers = await Promise.all(Array.from({ length: 9 }, (_, i) => react(i)));
  const refused = answers.map(refusal).find((extensions) => extensions !== undefined);
  expect(refused).toMatchObject(limited);
  expect((await send(run, channelId)).errors).toBeUndefined();
  const wait = Number(refused?.retryAfterMs);
  expect(wait).toBeLessThanOrEqual(2_000);
  await new Promise((resolve) => setTimeout(resolve, wait));
  expect((await react(0)).errors).toBeUndefined();
  run.client.ws.close();
});
