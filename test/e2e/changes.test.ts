/**
 * Edits, deletions, reactions, pins and threads over HTTP and WebSocket, on the program as a process: every client's
 * copy ends as what the server shows, though the process is killed in the middle.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { describeWith } from '../services.ts';
import { type Act, act, keepChanging, MESSAGE, readShown, untilAnswered } from './changing.ts';
import { createChannel } from './crowd.ts';
import { type Fleet, startFleet } from './fleet.ts';
import { freePort } from './free-port.ts';
import { type Mirror, mirror } from './mirror.ts';
import { type Replica, startEmbedded } from './process.ts';
import { RequestFailed, request } from './requests.ts';

const SEND = `mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { id seq channel { id type } } } }`;

interface Sent {
  readonly id: string;
  readonly seq: number;
  readonly channel: { readonly id: string; readonly type: string };
}

async function post(urls: readonly string[], token: string, input: object): Promise<Sent> {
  const clientMessageId = crypto.randomUUID();
  const data = await untilAnswered<{ sendMessage: { message: Sent } }>(urls, token, SEND, {
    input: { clientMessageId, basis: 0, ...input },
  });
  return data.sendMessage.message;
}

/** Waits until the mirrors' copies are what the server shows, and says where they differ. */
async function expectSame(mirrors: readonly Mirror[], url: string, token: string, channelId: string) {
  const now = await readShown(url, token, channelId);
  await vi.waitFor(
    () => {
      for (const one of mirrors) expect(one.copy()).toEqual(now);
    },
    { timeout: 30_000, interval: 200 },
  );
  expect(mirrors.flatMap(({ faults }) => faults)).toEqual([]);
  return now;
}

describe('one process on embedded stores', () => {
  let dataDir: string;
  let port: number;
  let server: Replica;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'backscroll-changes-'));
    port = await freePort();
    server = await startEmbedded(dataDir, port);
  }, 60_000);
  afterAll(async () => {
    await server?.end('SIGTERM');
    await rm(dataDir, { recursive: true, force: true });
  }, 60_000);

  async function token(handle: string): Promise<string> {
    const response = await fetch(server.url.replace('/graphql', '/auth/dev'), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ organization: 'demo', handle }),
    });
    return ((await response.json()) as { token: string }).token;
  }
  async function newChannel(creator: string, ...members: string[]): Promise<string> {
    const { createChannel: made } = await request<{ createChannel: { channel: { id: string } } }>(
      server.url,
      creator,
      'mutation ($input: CreateChannelInput!) { createChannel(input: $input) { channel { id } } }',
      { input: { name: `Changes ${Math.random()}` } },
    );
    for (const member of members) {
      await request(
        server.url,
        member,
        'mutation ($id: ID!) { joinChannel(input: { channelId: $id }) { membership { id } } }',
        { id: made.channel.id },
      );
    }
    return made.channel.id;
  }
  const codesOf = async (doing: Promise<unknown>): Promise<readonly string[]> => {
    try {
      await doing;
      return [];
    } catch (error) {
      if (error instanceof RequestFailed) return error.codes;
      throw error;
    }
  };

  test('what one does, the other’s copy shows: each change is told as what it is', async () => {
    const [ada, grace] = await Promise.all([token('ada'), token('grace')]);
    const channelId = await newChannel(ada, grace);
    const urls = [server.url];
    const root = await post(urls, ada, { channelId, text: 'first' });
    const copy = await mirror([server], grace, channelId);
    try {
      await vi.waitFor(() => expect(copy.heard).toContain('CaughtUp'));
      const messageId = root.id;
      await act(urls, ada, 'edit', { messageId, text: 'second' });
      await act(urls, grace, 'react', { messageId, emoji: '👍' });
      await act(urls, ada, 'react', { messageId, emoji: '👍' });
      await act(urls, grace, 'unreact', { messageId, emoji: '👍' });
      await act(urls, grace, 'pin', { messageId });
      await act(urls, ada, 'unpin', { messageId });
      const reply = await post(urls, grace, { channelId, threadRootId: messageId, text: 'a reply' });
      expect(reply).toMatchObject({ seq: 1, channel: { type: 'THREAD' } });
      for (const name of ['archiveChannel', 'unarchiveChannel']) {
        await request(
          server.url,
          ada,
          `mutation ($id: ID!) { ${name}(input: { channelId: $id }) { channel { archivedAt } } }`,
          { id: channelId },
        );
      }
      await act(urls, ada, 'delete', { messageId });
      await expectSame([copy], server.url, ada, channelId);
      await vi.waitFor(() => expect(copy.heard).toContain('MessageUpdated DELETED'));
      expect(copy.heard.filter((type) => type !== 'MessageUpdated THREAD')).toEqual([
        'Ready',
        'CaughtUp',
        'CaughtUp',
        'MessageUpdated EDITED',
        'ReactionChanged',
        'ReactionChanged',
        'ReactionChanged',
        'MessageUpdated PINNED',
        'MessageUpdated UNPINNED',
        'ChannelUpdated',
        'ChannelUpdated',
        'MessageUpdated DELETED',
      ]);
      expect(copy.heard).toContain('MessageUpdated THREAD');
      expect(copy.copy()).toMatchObject([{ text: '', isDeleted: true, reactions: ['👍 1'] }]);
    } finally {
      await copy.stop();
    }
  }, 60_000);

  test('a thread is followed like any channel, and nobody’s sidebar shows it', async () => {
    const [ada, grace] = await Promise.all([token('ada'), token('grace')]);
    const channelId = await newChannel(ada, grace);
    const urls = [server.url];
    const root = await post(urls, ada, { channelId, text: 'root' });
    const first = await post(urls, grace, { channelId, threadRootId: root.id, text: 'one' });
    const copy = await mirror([server], ada, first.channel.id);
    try {
      for (const text of ['two', 'three']) await post(urls, grace, { channelId: first.channel.id, text });
      await act(urls, grace, 'edit', { messageId: first.id, text: 'one, edited' });
      await act(urls, ada, 'react', { messageId: first.id, emoji: ':eyes:' });
      const now = await expectSame([copy], server.url, grace, first.channel.id);
      expect(now.map(({ text }) => text)).toEqual(['one, edited', 'two', 'three']);
      const { viewer, channel } = await request<{
        viewer: { memberships: { edges: { node: { channel: { id: string } } }[] } };
        channel: { message: { replyCount: number; thread: { id: string; head: number } } };
      }>(
        server.url,
        ada,
        `query ($id: ID!) {
          viewer { memberships(first: 200) { edges { node { channel { id } } } } }
          channel(id: $id) { message(seq: 1) { replyCount thread { id head } } }
        }`,
        { id: channelId },
      );
      const sidebar = viewer.memberships.edges.map(({ node }) => node.channel.id);
      expect(sidebar).toContain(channelId);
      expect(sidebar).not.toContain(first.channel.id);
      expect(channel.message).toEqual({ replyCount: 3, thread: { id: first.channel.id, head: 3 } });
    } finally {
      await copy.stop();
    }
  }, 60_000);

  test('what cannot be done is refused with its code, and nothing is told of it', async () => {
    const [ada, grace, linus] = await Promise.all([token('ada'), token('grace'), token('linus')]);
    const channelId = await newChannel(ada, grace);
    const urls = [server.url];
    const { id: messageId } = await post(urls, ada, { channelId, text: 'first' });
    const gone = await post(urls, ada, { channelId, text: 'gone' });
    await act(urls, ada, 'delete', { messageId: gone.id });
    const absent = Buffer.from(Buffer.from(messageId, 'base64url').toString().replace(/:1$/, ':77')).toString(
      'base64url',
    );
    const copy = await mirror([server], grace, channelId);
    try {
      await vi.waitFor(() => expect(copy.heard).toContain('CaughtUp'));
      const emoji = '👍';
      const refused: [Act, object, string, string][] = [
        ['edit', { messageId, text: 'not mine' }, grace, 'FORBIDDEN'],
        ['delete', { messageId }, grace, 'FORBIDDEN'],
        ['react', { messageId, emoji }, linus, 'FORBIDDEN'],
        ['pin', { messageId }, linus, 'FORBIDDEN'],
        ['edit', { messageId, text: 'x'.repeat(16_001) }, ada, 'BAD_USER_INPUT'],
        ['edit', { messageId, text: '' }, ada, 'BAD_USER_INPUT'],
        ['react', { messageId, emoji: 'nice' }, ada, 'BAD_USER_INPUT'],
        ['react', { messageId: 'x', emoji }, ada, 'BAD_USER_INPUT'],
        ['edit', { messageId: gone.id, text: 'back' }, ada, 'CONFLICT'],
        ['react', { messageId: gone.id, emoji }, ada, 'CONFLICT'],
        ['edit', { messageId: absent, text: 'x' }, ada, 'NOT_FOUND'],
        ['react', { messageId: absent, emoji }, ada, 'NOT_FOUND'],
      ];
      for (const [name, input, who, code] of refused) {
        expect(await codesOf(act(urls, who, name, input))).toEqual([code]);
      }
      // What changes nothing is no error, and nothing to tell either.
      await act(urls, ada, 'edit', { messageId, text: 'first' });
      await act(urls, ada, 'unreact', { messageId, emoji });
      await act(urls, ada, 'unpin', { messageId });
      await act(urls, ada, 'delete', { messageId: gone.id });
      await post(urls, ada, { channelId, text: 'the next that is told' });
      await vi.waitFor(() => expect(copy.heard).toContain('MessagePosted'));
      expect(copy.heard).toEqual(['Ready', 'CaughtUp', 'CaughtUp', 'MessagePosted']);
    } finally {
      await copy.stop();
    }
  }, 60_000);

  test('clients whose clocks are a year off, and a basis beyond or before the log, lose and double nothing', async () => {
    const ada = await token('ada');
    const channelId = await newChannel(ada);
    const year = 365 * 86_400_000;
    const uuidAt = (time: number): string => {
      const hex = time.toString(16).padStart(12, '0');
      return `${hex.slice(0, 8)}-${hex.slice(8)}-7${crypto.randomUUID().slice(15)}`;
    };
    const send = (input: object) =>
      request<{ sendMessage: { isDuplicate: boolean; message: { seq: number } } }>(
        server.url,
        ada,
        'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { isDuplicate message { seq } } }',
        { input: { channelId, text: 'when?', ...input } },
      );
    const names = [Date.now() - year, Date.now() + year, 0, 2 ** 48 - 1].map(uuidAt);
    for (const [place, clientMessageId] of names.entries()) {
      const first = await send({ clientMessageId });
      const again = await send({ clientMessageId });
      expect(first.sendMessage).toEqual({ isDuplicate: false, message: { seq: place + 1 } });
      expect(again.sendMessage).toEqual({ isDuplicate: true, message: { seq: place + 1 } });
    }
    const beyond = crypto.randomUUID();
    expect((await send({ clientMessageId: beyond, basis: 2_147_483_647 })).sendMessage.isDuplicate).toBe(
      false,
    );
    expect((await send({ clientMessageId: beyond, basis: 2_147_483_647 })).sendMessage.isDuplicate).toBe(
      true,
    );
    expect(await codesOf(send({ basis: -1 }))).toEqual(['BAD_USER_INPUT']);
    const { id: messageId } = await post([server.url], ada, { channelId, text: 'to edit' });
    for (const clientChangeId of names) {
      const text = `edit ${clientChangeId}`;
      await act([server.url], ada, 'edit', { messageId, text, clientChangeId });
      await act([server.url], ada, 'edit', { messageId, text: 'between' });
      await act([server.url], ada, 'edit', { messageId, text, clientChangeId });
      expect((await readShown(server.url, ada, channelId)).at(-1)?.text).toBe('between');
    }
  }, 60_000);

  test('kill -9 in the middle of changes: all that was answered is there, and every copy catches up', async () => {
    const [ada, grace] = await Promise.all([token('ada'), token('grace')]);
    const channelId = await newChannel(ada, grace);
    const urls = [server.url];
    const ids: string[] = [];
    for (let i = 0; i < 8; i += 1) ids.push((await post(urls, ada, { channelId, text: `message ${i}` })).id);
    const start = (await mirror([server], grace, channelId)) satisfies Mirror;
    const copies = [start, await mirror([server], ada, channelId)];
    const before = start.cursor();
    try {
      let rounds = 0;
      let restarting: Promise<void> | null = null;
      const onRound = (): void => {
        rounds += 1;
        if (rounds === 40) {
          restarting = (async () => {
            await server.end('SIGKILL');
            server = await startEmbedded(dataDir, port);
          })();
        }
        if (rounds === 55) copies[1]?.cut();
      };
      const done = await Promise.all(ids.map((id) => keepChanging(urls, ada, id, 9, onRound)));
      await restarting;
      const now = await expectSame(copies, server.url, ada, channelId);
      expect(now).toEqual(
        done.map(({ text, hasReacted, isPinned }, place) => ({
          id: ids[place],
          seq: place + 1,
          text,
          isPinned,
          isDeleted: false,
          reactions: hasReacted ? ['🎉 1'] : [],
        })),
      );
      expect(start.connections()).toBeGreaterThan(1);
      // Who comes back with a cursor from before it all is told the same, each message once.
      const { channel } = await request<{
        channel: { changedMessages: { edges: { node: { id: string; text: string } }[] } };
      }>(
        server.url,
        grace,
        `query ($id: ID!, $after: String!) { channel(id: $id) { changedMessages(after: $after) { edges { node { ${MESSAGE} } } } } }`,
        { id: channelId, after: before },
      );
      const changed = channel.changedMessages.edges.map(({ node }) => node);
      expect(changed.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
      for (const { id, text } of changed) expect(text).toBe(done[ids.indexOf(id)]?.text);
    } finally {
      await Promise.all(copies.map((copy) => copy.stop()));
    }
  }, 120_000);
});

await describeWith(['postgres', 'cassandra', 'redis'], 'two replicas that change the same messages', () => {
  let fleet: Fleet;
  beforeAll(async () => {
    fleet = await startFleet(2, { bucketSize: 8 });
  }, 120_000);
  afterAll(() => fleet?.stop(), 60_000);

  test('kill -9 of one in the middle: nothing answered is lost, all copies are equal', async () => {
    const token = await fleet.token('writer');
    const channelId = await createChannel(fleet, token);
    const survivor = fleet.replicas[0];
    const victim = await fleet.start();
    if (survivor === undefined) throw new Error('no replica');
    const urls = [victim.url, survivor.url];
    const ids: string[] = [];
    for (let i = 0; i < 12; i += 1) {
      ids.push((await post([survivor.url], token, { channelId, text: `message ${i}` })).id);
    }
    const reader = await fleet.token('reader');
    const copies = await Promise.all([
      mirror([victim, survivor], reader, channelId),
      mirror([survivor], reader, channelId),
      mirror([survivor, victim], token, channelId),
    ]);
    try {
      let rounds = 0;
      let killing: Promise<void> | null = null;
      const done = await Promise.all(
        ids.map((id, place) =>
          // Half of them begin on each, and go on where they are answered.
          keepChanging(place % 2 === 0 ? urls : urls.toReversed(), token, id, 8, () => {
            rounds += 1;
            if (rounds === 40) killing = victim.end('SIGKILL');
          }),
        ),
      );
      await killing;
      const now = await expectSame(copies, survivor.url, token, channelId);
      expect(now.map(({ text, isPinned, reactions }) => ({ text, isPinned, reactions }))).toEqual(
        done.map(({ text, hasReacted, isPinned }) => ({
          text,
          isPinned,
          reactions: hasReacted ? ['🎉 1'] : [],
        })),
      );
    } finally {
      await Promise.all(copies.map((copy) => copy.stop()));
    }
  }, 180_000);

  test('twenty people react to one message on both at once: everybody counts once', async () => {
    const token = await fleet.token('writer');
    const channelId = await createChannel(fleet, token);
    const urls = fleet.replicas.slice(0, 2).map(({ url }) => url);
    const { id: messageId } = await post(urls, token, { channelId, text: 'vote' });
    const copies = await Promise.all(
      fleet.replicas.slice(0, 2).map((replica) => mirror([replica], token, channelId)),
    );
    try {
      const people = await Promise.all(Array.from({ length: 20 }, (_, i) => fleet.token(`voter-${i}`)));
      await Promise.all(
        people.map(async (person, i) => {
          const own = i % 2 === 0 ? urls : urls.toReversed();
          await untilAnswered(
            own,
            person,
            'mutation ($id: ID!) { joinChannel(input: { channelId: $id }) { membership { id } } }',
            { id: channelId },
          );
          // Each on both replicas at once.
          await Promise.all(
            [own, own.toReversed()].map((there) => act(there, person, 'react', { messageId, emoji: '🗳️' })),
          );
          if (i % 4 === 0) await act(own, person, 'unreact', { messageId, emoji: '🗳️' });
        }),
      );
      const now = await expectSame(copies, urls[0] ?? '', token, channelId);
      expect(now[0]?.reactions).toEqual(['🗳️ 15']);
    } finally {
      await Promise.all(copies.map((copy) => copy.stop()));
    }
  }, 120_000);
});
