/** What was done to messages in Slack is done to them here: threads, reactions, edits, pins, deletions. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { askReaction } from '../../chat/changes/asked.ts';
import { threadIdOf } from '../../chat/channels/thread-id.ts';
import { messageSendKey } from '../../chat/log/entries.ts';
import type { Organization } from '../../chat/people/port.ts';
import { channelIdOf, clientMessageIdOf } from './ids.ts';
import { runImport } from './testing/run-import.ts';
import { type Files, openWorld, type World } from './testing/world.ts';

let world: World;

beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

const users = ['ada', 'grace', 'alan'].map((name, i) => ({ id: `U${i + 1}`, name }));
const tsOf = (n: number): string => `15778368${n}.000100`;
const at = (n: number): number => Number(`15778368${n}`) * 1000;
const say = (user: string, n: number, extra: object = {}) => ({
  type: 'message',
  user,
  ts: tsOf(n),
  text: `n ${n}`,
  ...extra,
});
const reply = (user: string, n: number, root: number, extra: object = {}) =>
  say(user, n, { thread_ts: tsOf(root), ...extra });

const general = { id: 'C1', name: 'general', creator: 'U1', members: ['U1', 'U2', 'U3'] };
const withDays = (days: Files, channel: object = {}): Files => ({
  'users.json': users,
  'channels.json': [{ ...general, ...channel }],
  ...Object.fromEntries(Object.entries(days).map(([day, list]) => [`general/2020-01-${day}.json`, list])),
});

const channelOf = ({ id }: Organization): string => channelIdOf(id, 'C1');
const threadOf = (organization: Organization, seq: number): string =>
  threadIdOf(organization.id, { channelId: channelOf(organization), seq });

async function imported(days: Files, channel: object = {}) {
  const organization = await world.organization();
  const folder = await world.folder(withDays(days, channel));
  const { tally, problems } = await runImport(folder, organization, world.stores);
  return { organization, folder, tally, problems };
}

/** What readers are shown of each message's reactions. */
async function reactionsIn(organization: Organization, channelId = channelOf(organization)) {
  const handles = await world.handles(organization);
  return (await world.rows(organization, channelId)).map(({ entry }) =>
    Object.fromEntries(
      Object.entries(entry.projection?.reactions ?? {}).map(([emoji, { count, first }]) => [
        emoji,
        [count, ...first.map((id) => handles.get(id))],
      ]),
    ),
  );
}

describe('threads', () => {
  const days: Files = {
    '01': [
      say('U1', 10, { thread_ts: tsOf(10), reply_count: 3 }),
      reply('U2', 12, 10),
      say('U2', 20),
      reply('U1', 23, 21, { subtype: 'thread_broadcast' }),
      say('U3', 21),
    ],
    '02': [say('U1', 30), reply('U1', 31, 10, { reactions: [{ name: '+1', users: ['U2'], count: 1 }] })],
    '03': [reply('U2', 40, 10), reply('U3', 41, 99)],
  };

  test('have their replies in order, on whatever days they came; the channel has the rest', async () => {
    const { organization, tally } = await imported(days);
    const channelId = channelOf(organization);
    expect(await world.texts(organization, channelId)).toEqual(['n 10', 'n 20', 'n 21', 'n 30', 'n 41']);
    const rows = await world.rows(organization, channelId);
    expect(rows.map(({ entry }) => entry.projection?.threadId)).toEqual([
      threadOf(organization, 1),
      undefined,
      threadOf(organization, 3),
      undefined,
      undefined,
    ]);
    const thread = await world.rows(organization, threadOf(organization, 1));
    expect(thread.map((row) => [row.entry.text, row.at])).toEqual([
      ['n 12', at(12)],
      ['n 31', at(31)],
      ['n 40', at(40)],
    ]);
    expect(await world.texts(organization, threadOf(organization, 3))).toEqual(['n 23']);
    expect(await reactionsIn(organization, threadOf(organization, 1))).toEqual([
      {},
      { '👍': [1, 'grace'] },
      {},
    ]);
    // A reply to what the export does not hold keeps saying so.
    expect(rows[4]?.entry.metadata).toEqual({ slack: { ts: tsOf(41), thread_ts: tsOf(99) } });
    const counted = ['messages', 'replies', 'threads', 'orphans', 'broadcasts', 'reactions'] as const;
    expect(counted.map((c) => tally.of(c))).toEqual([9, 4, 2, 1, 1, 1]);
  });

  async function followersOf(organization: Organization, thread: string) {
    const handles = await world.handles(organization);
    const page = { limit: 50, backward: false };
    const { items } = await world.relational.memberships.pageOfChannel(organization.id, thread, page);
    return items.map(({ node }) => [handles.get(node.userId), node.checkpoint]).sort();
  }

  test('are followed by the root’s author and those who replied, with nothing unread', async () => {
    const { organization } = await imported(days);
    expect(await followersOf(organization, threadOf(organization, 1))).toEqual([
      ['ada', 3],
      ['grace', 3],
    ]);
    expect(await followersOf(organization, threadOf(organization, 3))).toEqual([
      ['ada', 1],
      ['alan', 1],
    ]);
  });

  test('are read in direct conversations too, whose people are in them from their first moment', async () => {
    const organization = await world.organization();
    const folder = await world.folder({
      'users.json': users,
      'channels.json': [],
      'dms.json': [{ id: 'D1', members: ['U1', 'U2'] }],
      'D1/2020-01-01.json': [say('U1', 10), reply('U2', 11, 10), reply('U2', 12, 10)],
    });
    const { tally } = await runImport(folder, organization, world.stores);
    const direct = { channelId: channelIdOf(organization.id, 'D1'), seq: 1 };
    expect(await followersOf(organization, threadIdOf(organization.id, direct))).toEqual([
      ['ada', 2],
      ['grace', 2],
    ]);
    expect(tally.of('followers')).toBe(2);
  });

  test('a second run adds nothing; a newer export adds its replies to threads and opens new ones', async () => {
    const { organization, folder } = await imported(days);
    const again = await runImport(folder, organization, world.stores);
    const added = ['messages', 'threads', 'reactions', 'followers'] as const;
    expect(added.map((c) => again.tally.of(c))).toEqual([0, 0, 0, 0]);
    expect(again.tally.of('alreadyThere')).toBe(9);
    expect([again.tally.of('flatReplies'), again.tally.of('orphans')]).toEqual([0, 0]);
    const newer = await world.folder(withDays({ ...days, '04': [reply('U3', 50, 10), reply('U3', 51, 20)] }));
    const { tally } = await runImport(newer, organization, world.stores);
    expect(added.map((c) => tally.of(c))).toEqual([2, 1, 0, 3]);
    expect(await world.texts(organization, threadOf(organization, 1))).toEqual([
      'n 12',
      'n 31',
      'n 40',
      'n 50',
    ]);
    expect(await world.texts(organization, threadOf(organization, 2))).toEqual(['n 51']);
  });

  test('one that was opened here meanwhile goes on', async () => {
    const { organization } = await imported({ '01': [say('U1', 10)] });
    const channelId = channelOf(organization);
    const [root] = await world.rows(organization, channelId);
    const rootAuthorId = root?.entry.authorId ?? '';
    const id = threadOf(organization, 1);
    const opening = { id, organizationId: organization.id, root: { channelId, seq: 1 }, rootAuthorId };
    await world.relational.channels.openThread({ ...opening, actorId: rootAuthorId });
    const entry = {
      authorId: rootAuthorId,
      clientMessageId: 'own',
      text: 'own',
      metadata: null,
      mentions: [],
    };
    const sendKey = messageSendKey(rootAuthorId, 'own');
    const send = { sendKey, entry, bytes: 10, searchBack: { basis: 0 } };
    await world.stores.messages.append({ organizationId: organization.id, channelId: id }, send);
    const newer = await world.folder(withDays({ '01': [say('U1', 10), reply('U2', 12, 10)] }));
    const { tally } = await runImport(newer, organization, world.stores);
    expect(await world.texts(organization, id)).toEqual(['own', 'n 12']);
    expect(tally.of('late')).toBe(1);
  });

  test('one whose opening was not announced when the process ended is announced by the next run', async () => {
    const organization = await world.organization();
    const folder = await world.folder(withDays(days));
    let opened = 0;
    const openThread: typeof world.relational.channels.openThread = async (input) => {
      const made = await world.relational.channels.openThread(input);
      opened += 1;
      if (opened === 2) throw new Error('killed');
      return made;
    };
    const dying = { ...world.stores, channels: { ...world.relational.channels, openThread } };
    await expect(runImport(folder, organization, dying)).rejects.toThrow('killed');
    await runImport(folder, organization, world.stores);
    const rows = await world.rows(organization, channelOf(organization));
    expect(rows.map(({ entry }) => entry.projection?.threadId !== undefined)).toEqual([
      true,
      false,
      true,
      false,
      false,
    ]);
    expect(await world.relational.outbox.due(0, 100)).toEqual([]);
  });

  test('a root that was deleted in Slack is deleted here, and its thread goes on; other deleted ones are left out', async () => {
    const tombstone = {
      subtype: 'tombstone',
      text: 'This message was deleted.',
      user: 'USLACKBOT',
      hidden: true,
    };
    const { organization, tally } = await imported({
      '01': [say('U1', 10, tombstone), say('U1', 11, tombstone), say('U1', 12), reply('U2', 13, 10)],
    });
    const rows = await world.rows(organization, channelOf(organization));
    expect(rows.map(({ entry }) => [entry.text, entry.projection?.deletedAt])).toEqual([
      ['', at(10)],
      ['n 12', undefined],
    ]);
    expect(await world.texts(organization, threadOf(organization, 1))).toEqual(['n 13']);
    expect([tally.of('deleted'), tally.of('deletedInSlack')]).toEqual([1, 1]);
  });
});

describe('changes of messages', () => {
  test('edits say when, pins and reactions who, and each is there once after a second run', async () => {
    const { organization, folder, tally } = await imported(
      {
        '01': [
          say('U1', 10, { edited: { user: 'U1', ts: '1577836850.000000' } }),
          say('U2', 11, {
            reactions: [
              { name: 'tada', users: ['U1', 'U3', 'U1'], count: 5 },
              { name: '+1::skin-tone-3', users: ['U9'], count: 1 },
              { name: 'party_parrot', users: ['U2'], count: 1 },
              { name: 'no spaces', users: ['U1', 'U2'], count: 2 },
            ],
          }),
          say('U3', 12),
          say('U3', 13, { pinned_to: ['C1'] }),
          say('U3', 14, { pinned_to: ['C2'] }),
        ],
      },
      { pins: [{ id: tsOf(12), user: 'U2', created: 1_577_836_890 }] },
    );
    const rows = await world.rows(organization, channelOf(organization));
    expect(rows[0]?.entry.projection?.edited).toMatchObject({
      text: 'n 10',
      at: 1_577_836_850_000,
      metadata: { slack: { ts: tsOf(10), edited: { user: 'U1', ts: '1577836850.000000' } } },
    });
    expect((await reactionsIn(organization))[1]).toEqual({
      '🎉': [2, 'ada', 'alan'],
      '👍🏼': [1, 'slack-u9'],
      ':party_parrot:': [1, 'grace'],
    });
    expect(rows.map(({ entry }) => entry.projection?.pinnedAt)).toEqual([
      undefined,
      undefined,
      1_577_836_890_000,
      expect.any(Number),
      undefined,
    ]);
    const counted = ['edits', 'reactions', 'pins', 'unknownEmoji', 'unnamedReactions'] as const;
    expect(counted.map((c) => tally.of(c))).toEqual([1, 4, 2, 2, 2]);
    const again = await runImport(folder, organization, world.stores);
    expect((['edits', 'reactions', 'pins'] as const).map((c) => again.tally.of(c))).toEqual([0, 0, 0]);
  });

  test('an edit that a newer export brings is made here too', async () => {
    const { organization } = await imported({ '01': [say('U1', 10)] });
    const edited = say('U1', 10, { text: 'better', edited: { user: 'U1', ts: '1577836850.000000' } });
    await runImport(await world.folder(withDays({ '01': [edited] })), organization, world.stores);
    expect(await world.texts(organization, channelOf(organization))).toEqual(['better']);
  });

  test('what people took back or deleted here stays so', async () => {
    const reactions = [{ name: 'tada', users: ['U1', 'U2'], count: 2 }];
    const { organization, folder } = await imported({
      '01': [say('U1', 10, { reactions }), say('U1', 11, { reactions })],
    });
    const channel = { organizationId: organization.id, channelId: channelOf(organization) };
    const [row] = await world.rows(organization, channel.channelId);
    const actorId = row?.entry.authorId ?? '';
    const common = { bytes: 100, searchBack: { basis: 0 } };
    await world.stores.changes.append(channel, {
      ...common,
      sendKey: 'a/1',
      entry: askReaction({ seq: 1, actorId }, '🎉', false),
    });
    await world.stores.changes.append(channel, {
      ...common,
      sendKey: 'a/2',
      entry: { kind: 'DELETED', head: 2, actorId, userId: null, seq: 2 },
    });
    const { tally } = await runImport(folder, organization, world.stores);
    expect((await reactionsIn(organization))[0]).toEqual({ '🎉': [1, 'grace'] });
    expect(await world.texts(organization, channel.channelId)).toEqual(['n 10', '']);
    expect([tally.of('messages'), tally.of('reactions')]).toEqual([0, 0]);
  });

  test('beyond 50 different emoji a message gets no more, and it is said', async () => {
    const reactions = Array.from({ length: 60 }, (_, i) => ({ name: `own_${i}`, users: ['U1'], count: 1 }));
    const { organization, tally } = await imported({ '01': [say('U1', 10, { reactions })] });
    expect(Object.keys((await reactionsIn(organization))[0] ?? {})).toHaveLength(50);
    expect([tally.of('reactions'), tally.of('refusedChanges')]).toEqual([50, 10]);
  });

  test('times are the best that Slack knows, in order', async () => {
    const { organization } = await imported({
      '01': [
        say('U1', 10, { edited: { user: 'U1', ts: '1577836880.000000' } }),
        say('U1', 20, { reactions: [{ name: 'tada', users: ['U2'], count: 1 }] }),
        reply('U2', 30, 10),
      ],
    });
    const channel = { organizationId: organization.id, channelId: channelOf(organization) };
    const [head = 0] = await world.stores.changes.heads([channel]);
    const changes = await world.stores.changes.range(channel, 1, head);
    expect(changes.map((row) => [row.entry.kind, row.at])).toEqual([
      ['REACTION_ADDED', at(20)],
      ['THREAD_OPENED', at(30)],
      ['EDITED', 1_577_836_880_000],
    ]);
  });

  test('times that no calendar has count as absent', async () => {
    const pins = [
      { id: tsOf(10), user: 'U2', created: -5 },
      { id: tsOf(11), user: 'U2', created: 1e300 },
    ];
    const { organization, tally } = await imported(
      { '01': [say('U1', 10), say('U1', 11)] },
      { created: 1e300, pins },
    );
    const rows = await world.rows(organization, channelOf(organization));
    expect(rows.map(({ entry }) => entry.projection?.pinnedAt)).toEqual([at(10), at(11)]);
    expect(tally.of('pins')).toBe(2);
  });

  test('a channel from the future was made now', async () => {
    const { organization } = await imported({ '01': [say('U1', 10)] }, { created: 99_999_999_999 });
    const channel = await world.channel(organization, 'C1');
    expect(channel?.createdAt.getTime()).toBeLessThanOrEqual(Date.now());
  });

  test('messages with the same time, without one, and by nobody cost no other message', async () => {
    const { organization, tally, problems } = await imported({
      '01': [
        say('U1', 10),
        say('U2', 10),
        { type: 'message', user: 'U1', text: 'no ts' },
        { ...say('U1', 11), user: null },
      ],
    });
    expect(await world.texts(organization, channelOf(organization))).toEqual(['n 10', 'n 11']);
    expect([tally.of('repeated'), tally.of('badMessages'), tally.of('strangers')]).toEqual([1, 1, 1]);
    expect(problems).toEqual(['general/2020-01-01.json: 1 of 4 entries are no messages and are left out']);
  });
});

describe('over what an earlier version imported', () => {
  /** It put replies into the channel, and kept reactions, edits and threads in the metadata. */
  async function importedEarlier(organization: Organization, messages: readonly ReturnType<typeof say>[]) {
    const channelId = channelOf(organization);
    await world.relational.channels.create({
      id: channelId,
      organizationId: organization.id,
      type: 'CHANNEL',
      visibility: 'PUBLIC',
      postingPolicy: 'EVERYONE',
      name: 'general',
      handle: 'general',
      topic: '',
      creatorId: null,
      memberIds: [],
    });
    for (const { ts, user, text, type: _, ...extra } of messages) {
      const subject = `slack:${user}`;
      const handle = users.find(({ id }) => id === user)?.name ?? '';
      const author = await world.relational.users.provision({
        organizationId: organization.id,
        subject,
        handle,
        name: handle,
      });
      const clientMessageId = clientMessageIdOf(channelId, ts, 1);
      await world.stores.messages.append(
        { organizationId: organization.id, channelId },
        {
          sendKey: messageSendKey(author.id, clientMessageId),
          entry: {
            authorId: author.id,
            clientMessageId,
            text,
            metadata: { slack: { ts, ...extra } },
            mentions: [],
          },
          bytes: 100,
          searchBack: { basis: 0 },
          at: Number(ts.slice(0, 10)) * 1000,
        },
      );
    }
  }

  test('nothing comes twice: its replies stay in the channel, later ones go to threads, reactions become real', async () => {
    const organization = await world.organization();
    const reactions = [{ name: 'tada', users: ['U2'], count: 1 }];
    const old = [say('U1', 10, { reactions }), reply('U2', 11, 10), say('U3', 12)];
    await importedEarlier(organization, old);
    const newer = await world.folder(withDays({ '01': old, '02': [reply('U3', 20, 10), say('U1', 21)] }));
    for (const counted of [
      [2, 1, 1],
      [0, 0, 0],
    ]) {
      const { tally } = await runImport(newer, organization, world.stores);
      expect([tally.of('messages'), tally.of('threads'), tally.of('reactions')]).toEqual(counted);
      expect(tally.of('flatReplies')).toBe(1);
    }
    expect(await world.texts(organization, channelOf(organization))).toEqual([
      'n 10',
      'n 11',
      'n 12',
      'n 21',
    ]);
    expect(await world.texts(organization, threadOf(organization, 1))).toEqual(['n 20']);
    expect((await reactionsIn(organization))[0]).toEqual({ '🎉': [1, 'grace'] });
  });
});
