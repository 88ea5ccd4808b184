/** What a client may hand back in `after`: thousands of cursors, foreign ones, such as name what does not exist yet. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { decodeEventCursor, encodeEventCursor } from '../../src/chat/cursors/cursor.ts';
import { TestClient } from '../../src/edge/testing/edge-server.ts';
import { request, send } from './requests.ts';
import { startWatched, type Watched } from './watched.ts';

const EVENTS = `subscription ($after: [String!]) { events(after: $after) {
  __typename channelId cursor
  ... on ChannelDetached { reason }
  ... on MessagePosted { message { text } }
} }`;

interface Told {
  readonly __typename: string;
  readonly channelId: string | null;
  readonly cursor: string | null;
  readonly reason?: string;
  readonly message?: { readonly text: string };
}

let server: Watched;
beforeAll(async () => {
  server = await startWatched();
}, 120_000);
afterAll(() => server?.close());

const told = ({ heard }: TestClient): Told[] =>
  heard.flatMap(({ type, payload }) =>
    type === 'next' ? [(payload as { data: { events: Told } }).data.events] : [],
  );

test('3,000 foreign cursors and one of the future: each is told of, and the subscription goes on', async () => {
  const authorization = await server.token('ada');
  const channelId = await server.channel(authorization);
  const page = await request<{ channel: { messages: { position: string } } }>(
    server.url,
    authorization,
    'query ($id: ID!) { channel(id: $id) { messages(last: 1) { position } } }',
    { id: channelId },
  );
  const own = decodeEventCursor(page.channel.messages.position);
  const future = encodeEventCursor({ ...own, seq: own.seq + 1_000 });
  const foreign = Array.from({ length: 3_000 }, () =>
    encodeEventCursor({ channelId: randomUUID(), epoch: own.epoch, seq: 4_096, rev: 512 }),
  );
  const client = await TestClient.open(server.wsUrl, { authorization });
  client.subscribe('a', EVENTS, { variables: { after: [...foreign, future] } });
  const until = (check: () => void) => vi.waitFor(check, { timeout: 20_000, interval: 20 });
  await until(() =>
    expect(told(client)).toContainEqual(expect.objectContaining({ __typename: 'CaughtUp', channelId: null })),
  );
  const detached = told(client).filter((event) => event.__typename === 'ChannelDetached');
  expect(detached.length).toBe(3_000);
  expect(new Set(detached.map(({ reason }) => reason))).toEqual(new Set(['UNAVAILABLE']));
  expect(told(client).filter((event) => event.__typename === 'PositionReset')).toMatchObject([
    { channelId, cursor: page.channel.messages.position },
  ]);
  await send(server.url, authorization, { channelId, text: 'now', clientMessageId: randomUUID() });
  await until(() => expect(told(client).map(({ message }) => message?.text)).toContain('now'));
  client.ws.terminate();
});

test('what is no cursor refuses the subscription alone, with a code', async () => {
  const authorization = await server.token('ada');
  const client = await TestClient.open(server.wsUrl, { authorization });
  client.subscribe('a', EVENTS, { variables: { after: ['e1.nothing'] } });
  const { payload } = await client.expect('error', 'a');
  expect(payload).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
  client.subscribe('b', EVENTS);
  await client.expect('next', 'b');
  client.ws.terminate();
});
