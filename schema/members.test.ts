/** Joining, leaving, adding and removing: who may, and what follows; announcements that come late. */
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { encodeId, uuidOf } from '../resolvers/global-id.ts';
import { uuidv7 } from '../src/chat/ids.ts';
import { startSweeper } from '../src/chat/outbox/sweeper.ts';
import type { Viewer } from '../src/chat/viewer.ts';
import { newChannel, say, userId } from './testing/acts.ts';
import { openCast } from './testing/cast.ts';
import { mutationsOn } from './testing/mutations.ts';
import type { World } from './testing/world.ts';

let world: World;
let ada: Viewer;
let grace: Viewer;
let alan: Viewer;
let boss: Viewer;
let mallory: Viewer;

beforeAll(async () => {
  ({ world, ada, grace, alan, boss, mallory } = await openCast());
});

afterAll(() => world.close());

beforeEach(() => {
  world.published.length = 0;
  world.messages.isAway = false;
  world.changes.isAway = false;
});

const { update, join, leave, add, remove, told, announced } = mutationsOn(() => world);

describe('members', () => {
  test('join at the head, so that nothing from before is unread; joining again changes nothing', async () => {
    const channelId = await newChannel(world, ada);
    await say(world, ada, channelId, 'before');
    const { data } = await join(grace, { channelId });
    expect(data.joinChannel.membership).toMatchObject({
      checkpoint: 1,
      unreadCount: 0,
      channel: { id: channelId },
    });
    const again = await join(grace, { channelId });
    expect(again.data.joinChannel.membership.id).toBe(data.joinChannel.membership.id);
    expect(await announced(ada, channelId)).toEqual([
      { kind: 'MEMBER_JOINED', head: 1, actorId: grace.userId, userId: grace.userId },
    ]);
    expect(told('membershipChanged')).toContainEqual(
      expect.objectContaining({ userId: grace.userId, isNew: true }),
    );
    expect(await world.relational.outbox.due(-1_000, 100)).toEqual([]);
  });

  test('cannot join what they cannot see', async () => {
    const channelId = await newChannel(world, ada, { visibility: 'PRIVATE' });
    expect((await join(grace, { channelId })).codes).toEqual(['NOT_FOUND']);
    expect((await join(boss, { channelId })).codes).toEqual(['NOT_FOUND']);
  });

  test('bring others in, whom everyone then sees', async () => {
    const channelId = await newChannel(world, ada, { visibility: 'PRIVATE' });
    const [g, l] = await Promise.all([grace, alan].map((viewer) => userId(world, viewer)));
    expect((await add(grace, { channelId, userId: l })).codes).toEqual(['NOT_FOUND']);
    const { data } = await add(ada, { channelId, userId: g });
    expect(data.addMember.member).toMatchObject({ role: 'MEMBER', user: { handle: 'grace' } });
    expect((await add(grace, { channelId, userId: l })).codes).toEqual([]);
    const { data: read } = await world.run(
      grace,
      'query ($id: ID!) { channel(id: $id) { memberCount members { edges { node { role user { handle } } } } } }',
      { id: channelId },
    );
    expect(read.channel.memberCount).toBe(3);
    expect(
      read.channel.members.edges
        .map((e: { node: { user: { handle: string } } }) => e.node.user.handle)
        .toSorted(),
    ).toEqual(['ada', 'alan', 'grace']);
    const open = await newChannel(world, ada);
    expect((await add(grace, { channelId: open, userId: l })).codes).toEqual(['FORBIDDEN']);
    expect((await add(ada, { channelId: open, userId: await userId(world, mallory) })).codes).toEqual([
      'NOT_FOUND',
    ]);
    const gone = await world.person('acme', 'gone');
    await world.relational.users.deactivate(gone.tenant.organizationId, 'gone');
    expect((await add(ada, { channelId: open, userId: await userId(world, gone) })).codes).toEqual([
      'BAD_USER_INPUT',
    ]);
  });

  test('are removed by admins: revoked and announced before it returns', async () => {
    const channelId = await newChannel(world, ada, { visibility: 'PRIVATE' });
    const g = await userId(world, grace);
    const l = await userId(world, alan);
    await add(ada, { channelId, userId: g });
    await add(ada, { channelId, userId: l });
    expect((await remove(grace, { channelId, userId: l })).codes).toEqual(['FORBIDDEN']);
    const { data } = await remove(ada, { channelId, userId: g });
    expect(data.removeMember).toEqual({ channelId, membershipId: expect.any(String) });
    expect(told('revoke')).toEqual([
      {
        organizationId: ada.tenant.organizationId,
        userId: grace.userId,
        channelId: uuidOf('Channel', channelId),
        membershipId: uuidOf('Membership', data.removeMember.membershipId),
        membershipRev: expect.any(Number),
        reason: 'REMOVED',
        mayStillRead: false,
      },
    ]);
    expect((await announced(ada, channelId)).at(-1)).toMatchObject({
      kind: 'MEMBER_LEFT',
      userId: grace.userId,
      actorId: ada.userId,
    });
    expect(
      (await world.run(grace, 'query ($id: ID!) { channel(id: $id) { id } }', { id: channelId })).data
        .channel,
    ).toBeNull();
    // A repeat answers alike: nothing was left to end.
    expect((await remove(ada, { channelId, userId: g })).data.removeMember).toEqual({
      channelId,
      membershipId: null,
    });
    // The first try's answer may have been lost before the edges were asked: a repeat asks them again.
    expect(told('revoke')).toHaveLength(2);
    expect(told('revoke')[1]).toMatchObject({ membershipId: null, reason: 'REMOVED' });
    expect((await remove(ada, { channelId, userId: encodeId('User', uuidv7(1)) })).codes).toEqual([
      'NOT_FOUND',
    ]);
    expect((await remove(ada, { channelId, userId: 'x' })).codes).toEqual(['BAD_USER_INPUT']);
  });

  test('leave, the last admin too; removing oneself is leaving', async () => {
    const channelId = await newChannel(world, ada);
    await join(grace, { channelId });
    const { data } = await leave(ada, { channelId });
    expect(data.leaveChannel).toEqual({ channelId, membershipId: expect.any(String) });
    await remove(grace, { channelId, userId: await userId(world, grace) });
    expect(told('revoke')).toEqual([
      expect.objectContaining({ userId: ada.userId, reason: 'LEFT', mayStillRead: true }),
      expect.objectContaining({ userId: grace.userId, reason: 'LEFT', mayStillRead: true }),
    ]);
    expect((await leave(ada, { channelId })).data.leaveChannel).toEqual({ channelId, membershipId: null });
    // An admin of the organization still looks after it.
    expect((await update(boss, { channelId, topic: 'Nobody is here' })).codes).toEqual([]);
  });
});

describe('a change that could not be announced', () => {
  test('is saved all the same, and the sweeper announces it once', async () => {
    const channelId = await newChannel(world, ada);
    world.changes.isAway = true;
    const { data, errors } = await update(ada, { channelId, topic: 'Kept' });
    expect(errors).toEqual([]);
    expect(data.updateChannel.channel.topic).toBe('Kept');
    const sweeper = startSweeper(world.ports, { ageMs: -1_000, everyMs: 3_600_000 });
    try {
      expect(await sweeper.sweep()).toBe(0);
      world.changes.isAway = false;
      expect(await sweeper.sweep()).toBe(1);
      expect(await sweeper.sweep()).toBe(0);
    } finally {
      await sweeper.close();
    }
    expect((await announced(ada, channelId)).map((change) => change.kind)).toEqual(['CHANNEL_UPDATED']);
  });

  test('comes before what followed it, which is announced at once', async () => {
    const channelId = await newChannel(world, ada);
    world.changes.isAway = true;
    await join(grace, { channelId });
    world.changes.isAway = false;
    await leave(grace, { channelId });
    expect((await announced(ada, channelId)).map((change) => change.kind)).toEqual([
      'MEMBER_JOINED',
      'MEMBER_LEFT',
    ]);
    expect(await world.relational.outbox.due(-1_000, 100)).toEqual([]);
  });

  test('makes one entry when two sweepers and the request all announce it', async () => {
    const channelId = await newChannel(world, ada);
    const done = vi.spyOn(world.relational.outbox, 'done').mockRejectedValueOnce(new Error('cut short'));
    await update(ada, { channelId, topic: 'Once' });
    done.mockRestore();
    const sweepers = [1, 2].map(() => startSweeper(world.ports, { ageMs: -1_000, everyMs: 3_600_000 }));
    await Promise.all(sweepers.map((sweeper) => sweeper.sweep()));
    await Promise.all(sweepers.map((sweeper) => sweeper.close()));
    expect(await announced(ada, channelId)).toHaveLength(1);
    expect(await world.relational.outbox.due(-1_000, 100)).toEqual([]);
  });
});
