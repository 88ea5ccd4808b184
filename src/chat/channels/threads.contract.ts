/** What every adapter keeps of threads: made once, governed by their parents, followed by its members. */
import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { freshTenant } from '../people/testing/tenant.ts';
import type { Channel } from './port.ts';
import {
  type ChannelStores,
  type creation,
  freshChannel,
  freshThread,
  membershipOf,
} from './testing/channels.ts';
import { threadIdOf } from './thread-id.ts';

export function threadStoreContract(stores: () => ChannelStores): void {
  /** A channel with all the people in it. */
  async function scene(count: number, given: Partial<Parameters<typeof creation>[0]> = {}) {
    const { organizationId, people } = await freshTenant(stores(), count);
    const ids = people.map((user) => user.id);
    const parent = await freshChannel(stores(), { organizationId, memberIds: ids, ...given });
    return { organizationId, ids, parent };
  }

  /** What `openThread` takes. */
  const opening = (parent: Channel, authorId: string | null, seq = 1) => {
    const { organizationId, id: channelId } = parent;
    const root = { channelId, seq };
    const id = threadIdOf(organizationId, root);
    return { id, organizationId, root, rootAuthorId: authorId, actorId: authorId ?? randomUUID() };
  };

  const followersOf = async (thread: Channel): Promise<readonly string[]> => {
    const page = { limit: 100, backward: false };
    const { items } = await stores().memberships.pageOfChannel(thread.organizationId, thread.id, page);
    return items.map(({ node }) => node.userId).sort();
  };

  const openRows = (channel: Channel) => stores().outbox.open(channel.organizationId, channel.id, 100);

  describe('opening a thread', () => {
    test('makes a channel under the message, its author as follower from the start, and a row in the parent’s outbox', async () => {
      const { organizationId, ids, parent } = await scene(2);
      const [author = '', actorId = ''] = ids;
      const input = { ...opening(parent, author, 7), actorId };
      const opened = await stores().channels.openThread(input);
      expect(opened?.thread).toEqual({
        id: input.id,
        organizationId,
        type: 'THREAD',
        visibility: 'PUBLIC',
        postingPolicy: 'EVERYONE',
        name: '',
        handle: '',
        topic: '',
        createdAt: expect.any(Date),
        archivedAt: null,
        root: { channelId: parent.id, seq: 7 },
      });
      expect(await stores().channels.byIds(organizationId, [input.id])).toEqual([opened?.thread]);
      expect(opened?.followers).toEqual([await membershipOf(stores(), opened?.thread ?? parent, author)]);
      expect(opened?.followers[0]).toMatchObject({ userId: author, role: 'MEMBER', checkpoint: 0 });
      const row = {
        organizationId,
        channelId: parent.id,
        kind: 'THREAD_OPENED',
        actorId,
        userId: null,
        thread: { channelId: input.id, rootSeq: 7 },
      };
      expect(opened?.outbox).toMatchObject(row);
      expect(await openRows(parent)).toEqual([opened?.outbox]);
      expect(await openRows(opened?.thread ?? parent)).toEqual([]);
    });

    test('20 at once, by different people, open it once', async () => {
      const { ids, parent } = await scene(4);
      const [author = ''] = ids;
      const all = await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          stores().channels.openThread({ ...opening(parent, author), actorId: ids[i % 4] ?? '' }),
        ),
      );
      expect(new Set(all.map((one) => JSON.stringify(one?.thread))).size).toBe(1);
      expect(all.filter((one) => one?.outbox)).toHaveLength(1);
      expect(all.flatMap((one) => one?.followers)).toHaveLength(1);
      expect(await openRows(parent)).toHaveLength(1);
      // Another message of the channel has another.
      const other = await stores().channels.openThread(opening(parent, author, 2));
      expect(other?.thread.id).not.toBe(all[0]?.thread.id);
      expect(await openRows(parent)).toHaveLength(2);
    });

    test('an import may date it back, and add its followers later', async () => {
      const { parent } = await scene(1);
      const createdAt = new Date('2015-03-01T10:00:00.123Z');
      const opened = await stores().channels.openThread({ ...opening(parent, null), createdAt });
      expect(opened?.thread).toMatchObject({ createdAt });
      expect(opened?.followers).toEqual([]);
      expect(await followersOf(opened?.thread ?? parent)).toEqual([]);
    });

    test('an author who is no member of the channel any more does not follow it', async () => {
      const { organizationId, ids, parent } = await scene(2);
      const [author = '', other = ''] = ids;
      await stores().memberships.remove({
        organizationId,
        channelId: parent.id,
        userId: author,
        actorId: other,
      });
      const opened = await stores().channels.openThread({ ...opening(parent, author), actorId: other });
      expect(opened?.followers).toEqual([]);
    });

    test('there is none under a thread, in a foreign organization, or of what is not there', async () => {
      const { organizationId, ids, parent } = await scene(1);
      const [author = ''] = ids;
      const foreign = await scene(1);
      const thread = await freshThread(stores(), parent, { authorId: author });
      const { channels } = stores();
      expect(await channels.openThread(opening(thread, author))).toBeNull();
      for (const organization of [foreign.organizationId, 'no-uuid']) {
        const input = { ...opening(parent, author, 2), organizationId: organization };
        expect(await channels.openThread(input)).toBeNull();
      }
      for (const channelId of [foreign.parent.id, randomUUID(), 'no-uuid']) {
        expect(
          await channels.openThread({ ...opening(parent, author), root: { channelId, seq: 1 } }),
        ).toBeNull();
      }
      const taken = { ...opening(parent, author, 3), id: parent.id };
      await expect(channels.openThread(taken)).rejects.toMatchObject({ code: 'CONFLICT' });
      expect(await channels.byIds(foreign.organizationId, [thread.id])).toEqual([]);
      expect((await openRows(parent)).map((row) => row.thread?.rootSeq)).toEqual([1]);
      expect(await stores().memberships.channelIdsOf(organizationId, author)).toEqual([parent.id]);
    });
  });

  describe('what a thread has from its parent', () => {
    test('visibility, posting policy and the archive, as they are at any time', async () => {
      const { organizationId, ids, parent } = await scene(1, { visibility: 'PRIVATE' });
      const [actorId = ''] = ids;
      const { id, ...thread } = await freshThread(stores(), parent, { authorId: actorId });
      expect(thread).toMatchObject({ visibility: 'PRIVATE', postingPolicy: 'EVERYONE', archivedAt: null });
      const about = { organizationId, channelId: parent.id, actorId };
      const seen = async () => (await stores().channels.byIds(organizationId, [id]))[0];
      const archived = await stores().channels.update({
        ...about,
        isArchived: true,
        postingPolicy: 'ADMINS',
      });
      expect(archived?.channel.archivedAt).toEqual(expect.any(Date));
      const { archivedAt = null } = archived?.channel ?? {};
      expect(await seen()).toEqual({ id, ...thread, postingPolicy: 'ADMINS', archivedAt });
      // Opening it again answers as reading it does.
      expect((await stores().channels.openThread(opening(parent, actorId)))?.thread).toEqual(await seen());
      await stores().channels.update({ ...about, isArchived: false });
      expect(await seen()).toEqual({ id, ...thread, postingPolicy: 'ADMINS' });
    });

    test('under a direct conversation it is private', async () => {
      const { organizationId, people } = await freshTenant(stores(), 2);
      const userIds = people.map((user) => user.id);
      const dm = await stores().channels.openDirectMessage({ id: randomUUID(), organizationId, userIds });
      const thread = await freshThread(stores(), dm, { authorId: userIds[0] ?? '' });
      expect(thread).toMatchObject({ type: 'THREAD', visibility: 'PRIVATE' });
    });
  });

  describe('following', () => {
    test('takes members of the parent, at the checkpoint; who follows already stays as they are', async () => {
      const { organizationId, ids, parent } = await scene(3);
      const [author = '', one = '', two = ''] = ids;
      const { people } = await freshTenant(stores(), 1);
      const outsider = await stores().users.provision({
        organizationId,
        subject: 'outsider',
        handle: 'outsider',
        name: 'Outsider',
      });
      const thread = await freshThread(stores(), parent, { authorId: author });
      const about = { organizationId, threadId: thread.id };
      const { memberships } = stores();
      const first = await memberships.follow({ ...about, userIds: [one], checkpoint: 4 });
      expect(first.made).toEqual([await membershipOf(stores(), thread, one)]);
      expect(first.memberships).toEqual(first.made);
      expect(first.made[0]).toMatchObject({ channelId: thread.id, checkpoint: 4, role: 'MEMBER' });
      const strangers = [outsider.id, people[0]?.id ?? '', randomUUID(), 'no-uuid'];
      const userIds = [author, one, two, ...strangers];
      const second = await memberships.follow({ ...about, userIds, checkpoint: 9 });
      expect(second.made.map((m) => [m.userId, m.checkpoint])).toEqual([[two, 9]]);
      expect(new Map(second.memberships.map((m) => [m.userId, m.checkpoint]))).toEqual(
        new Map([
          [author, 0],
          [one, 4],
          [two, 9],
        ]),
      );
      expect(await followersOf(thread)).toEqual([...ids].sort());
    });

    test('50 at once make one membership', async () => {
      const { organizationId, ids, parent } = await scene(2);
      const [author = '', replier = ''] = ids;
      const thread = await freshThread(stores(), parent, { authorId: author });
      const input = { organizationId, threadId: thread.id, userIds: [replier], checkpoint: 1 };
      const all = await Promise.all(Array.from({ length: 50 }, () => stores().memberships.follow(input)));
      expect(new Set(all.map((one) => one.memberships[0]?.id)).size).toBe(1);
      expect(all.flatMap((one) => one.made)).toHaveLength(1);
    });

    test('nobody follows what is no thread, or a thread of another organization', async () => {
      const { organizationId, ids, parent } = await scene(1);
      const thread = await freshThread(stores(), parent, { authorId: ids[0] ?? '' });
      const foreign = await scene(1);
      const nobody = { memberships: [], made: [] };
      const follow = (organization: string, threadId: string, userIds: readonly string[]) =>
        stores().memberships.follow({ organizationId: organization, threadId, userIds, checkpoint: 0 });
      for (const id of [parent.id, randomUUID(), 'no-uuid']) {
        expect(await follow(organizationId, id, ids)).toEqual(nobody);
      }
      expect(await follow(foreign.organizationId, thread.id, foreign.ids)).toEqual(nobody);
      expect(await follow('no-uuid', thread.id, ids)).toEqual(nobody);
      expect(await follow(organizationId, thread.id, foreign.ids)).toEqual(nobody);
    });

    test('threads are neither in a sidebar nor among the channels that are listed, nor counted to their parent', async () => {
      const { organizationId, ids, parent } = await scene(2);
      const [author = ''] = ids;
      const thread = await freshThread(stores(), parent, { authorId: author });
      const { channels, memberships } = stores();
      expect(await memberships.channelIdsOf(organizationId, author)).toEqual([parent.id]);
      const page = { limit: 10, backward: false } as const;
      const sidebar = await memberships.pageOfUser(organizationId, author, { ...page, orderBy: 'AFFINITY' });
      expect(sidebar.items.map(({ node }) => node.channelId)).toEqual([parent.id]);
      const listed = await channels.pagePublic(organizationId, page);
      expect(listed.items.map(({ node }) => node.id)).toEqual([parent.id]);
      const counts = await channels.memberCounts(organizationId, [parent.id, thread.id]);
      expect([counts.get(parent.id), counts.get(thread.id)]).toEqual([2, 1]);
    });
  });

  describe('leaving the parent', () => {
    test('ends the person’s places in its threads, and nothing else', async () => {
      const { organizationId, ids, parent } = await scene(2);
      const [leaver = '', stayer = ''] = ids;
      const elsewhere = await freshChannel(stores(), { organizationId, memberIds: ids });
      const own = await freshThread(stores(), parent, { authorId: leaver });
      const others = await freshThread(stores(), parent, { authorId: stayer, seq: 2 });
      const kept = await freshThread(stores(), elsewhere, { authorId: leaver });
      const { memberships } = stores();
      const both = { organizationId, threadId: others.id, userIds: [leaver], checkpoint: 3 };
      await memberships.follow(both);
      const place = await membershipOf(stores(), parent, leaver);
      const about = { organizationId, channelId: parent.id, actorId: stayer };
      const ended = await memberships.remove({ ...about, userId: leaver });
      expect(ended?.membership).toEqual(place);
      expect(ended?.membershipRev).toBe(1);
      expect(await followersOf(own)).toEqual([]);
      expect(await followersOf(others)).toEqual([stayer]);
      expect(await followersOf(kept)).toEqual([leaver]);
      expect(await followersOf(elsewhere)).toEqual([...ids].sort());
      expect(await memberships.follow(both)).toEqual({ memberships: [], made: [] });
      expect(await memberships.remove({ ...about, userId: leaver })).toBeNull();
      expect((await openRows(parent)).map((row) => row.kind)).toEqual([
        'THREAD_OPENED',
        'THREAD_OPENED',
        'MEMBER_LEFT',
      ]);
    });

    test('while others open and follow threads: whoever has left follows none', async () => {
      const { organizationId, ids, parent } = await scene(8);
      const threads = await Promise.all(
        [1, 2, 3].map((seq) => freshThread(stores(), parent, { authorId: ids[0] ?? '', seq })),
      );
      const about = { organizationId, channelId: parent.id, actorId: ids[0] ?? '' };
      await Promise.all(
        ids.flatMap((userId, i) => [
          ...threads.map(({ id }) =>
            stores().memberships.follow({ organizationId, threadId: id, userIds: [userId], checkpoint: 0 }),
          ),
          stores().channels.openThread(opening(parent, userId, 10 + i)),
          stores().memberships.remove({ ...about, userId }),
        ]),
      );
      for (const thread of threads) expect(await followersOf(thread)).toEqual([]);
      const opened = ids.map((_, i) => ({ ...parent, id: opening(parent, null, 10 + i).id }));
      for (const thread of opened) expect(await followersOf(thread)).toEqual([]);
    });
  });
}
