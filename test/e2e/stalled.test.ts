/**
 * Clients that stop reading cost little, however much is said: what waits for each of them is bounded, and shared with
 * the others; then they are cut. `STALLED=1000 STALLED_TEXT=200 STALLED_MESSAGES=20000` stalls that many, by messages
 * of that length.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { limits } from '../../src/chat/limits.ts';
import { TestClient } from '../../src/edge/testing/edge-server.ts';
import { startWatched, type Watched } from './watched.ts';

const STALLED = Number(process.env.STALLED ?? 100);
/** Long ones fill the system's own buffers, some 3 MB a socket, sooner. */
const TEXT = 'x'.repeat(Number(process.env.STALLED_TEXT ?? 16_000));
const MESSAGES = Number(process.env.STALLED_MESSAGES ?? 400);
const SENDERS = 16;
/** Looks at the server in between. */
const LOOKS = 8;
/** What 1,000 stalled sockets may cost above idle; and a few, in what is held, less. */
const BOUND_BYTES = 100 * 2 ** 20;
const HELD_BYTES = BOUND_BYTES * Math.max(0.2, STALLED / 1_000);

const EVENTS = `subscription ($channelId: ID!) {
  channelEvents(channelId: $channelId) {
    __typename channelId cursor
    ... on MessagePosted { message { id seq text createdAt author { id name handle } } }
  }
}`;
const SEND = 'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { seq } } }';

let server: Watched;
beforeAll(async () => {
  server = await startWatched();
}, 120_000);
afterAll(() => server?.close());

async function subscriber(authorization: string, channelId: string): Promise<TestClient> {
  const client = await TestClient.open(server.wsUrl, { authorization });
  client.subscribe('events', EVENTS, { variables: { channelId } });
  await client.expect('next', 'events');
  return client;
}

/** Sends as many as fast as they are saved. */
async function sendAll(count: number, authorization: string, channelId: string): Promise<void> {
  const client = await TestClient.open(server.wsUrl, { authorization });
  let next = 0;
  const sender = async (): Promise<void> => {
    for (let n = next++; n < count; n = next++) {
      client.subscribe(`${n}`, SEND, { variables: { input: { channelId, text: TEXT } } });
      const answer = await client.expect('next', `${n}`);
      expect(answer.payload).not.toHaveProperty('errors');
      client.heard.splice(0, client.heard.length - SENDERS * 4);
    }
  };
  await Promise.all(Array.from({ length: SENDERS }, sender));
  client.ws.terminate();
}

test('stalled sockets hold little while everything is said, and are cut', { timeout: 900_000 }, async () => {
  const people = Math.ceil(STALLED / (limits.connectionsPerUser - 1)) + 1;
  const tokens = await Promise.all(Array.from({ length: people }, (_, i) => server.token(`stalled${i}`)));
  const tokenOf = (i: number) => tokens[i % tokens.length] ?? '';
  const channelId = await server.channel(tokenOf(0));
  // What a server holds after it was busy, with nobody stalled.
  await sendAll(MESSAGES / LOOKS, tokenOf(0), channelId);
  const clients: TestClient[] = [];
  for (let i = 0; i < STALLED; i += 1) clients.push(await subscriber(tokenOf(i), channelId));
  const idle = await server.look();
  expect(idle).toMatchObject({ sockets: STALLED, subscriptions: STALLED });

  for (const client of clients) client.ws.pause();
  let most = { held: 0, resident: 0 };
  let left = STALLED;
  for (let i = 0; i < LOOKS; i += 1) {
    await sendAll(MESSAGES / LOOKS, tokenOf(0), channelId);
    const now = await server.look();
    left = now.subscriptions;
    most = {
      held: Math.max(most.held, now.usedBytes - idle.usedBytes),
      resident: Math.max(most.resident, now.residentBytes - idle.residentBytes),
    };
  }
  const mb = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MB`;
  console.log(
    `${STALLED} stalled, ${MESSAGES} messages: ${mb(most.held)} held at most, ${mb(most.resident)} of RSS; ${left} not cut in the end`,
  );
  expect(most.held).toBeLessThan(HELD_BYTES);
  expect(most.resident).toBeLessThan(BOUND_BYTES);
  expect(left).toBe(0);
  // They learn of it when they read again.
  const [first] = clients;
  first?.ws.resume();
  expect(await first?.closed).toMatchObject({ code: expect.toBeOneOf([1013, 1006]) });
  for (const client of clients) client.ws.terminate();
});
