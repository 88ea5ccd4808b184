/** Roles: who gives them, to whom, and the admin that a channel keeps; on both databases. */
import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { onTwoReplicas } from './testing/on-two-replicas.ts';

await onTwoReplicas('roles', (scene) => {
  test('admins of the channel and the organization give and take them; it is told', async () => {
    await using at = await scene({ postingPolicy: 'ADMINS' });
    const { ada, grace, alan, boss, channel, here, there } = at;
    const { id } = channel;
    await expect(at.say(grace, 'x')).rejects.toMatchObject({ code: 'FORBIDDEN' });
    const made = await here.chat.channels.updateMemberRole(ada, id, grace.userId, 'ADMIN');
    expect(made).toMatchObject({ userId: grace.userId, role: 'ADMIN' });
    // From the next request on, whichever replica takes it.
    await there.chat.channels.updateMemberRole(grace, id, alan.userId, 'ADMIN');
    await at.say(grace, 'x');
    await there.chat.channels.updateMemberRole(boss, id, alan.userId, 'MEMBER');
    await expect(at.say(alan, 'x')).rejects.toMatchObject({ code: 'FORBIDDEN' });
    expect(await at.announced()).toEqual(['CHANNEL_UPDATED', 'CHANNEL_UPDATED', 'CHANNEL_UPDATED']);
    expect(here.told).toContainEqual({
      method: 'membershipChanged',
      what: {
        organizationId: at.organizationId,
        userId: grace.userId,
        channelId: id,
        membershipId: made.id,
        isNew: false,
      },
    });
  });

  test('one that is so already is neither announced nor told', async () => {
    await using at = await scene();
    const { ada, grace, channel, here } = at;
    await here.chat.channels.updateMemberRole(ada, channel.id, grace.userId, 'MEMBER');
    expect(await at.announced()).toEqual([]);
    expect(here.told.some(({ method }) => method === 'changesAppended')).toBe(false);
  });

  test('an admin steps down when another is there; the last one does not, whoever asks', async () => {
    await using at = await scene();
    const { ada, grace, boss, channel, here } = at;
    const { id } = channel;
    for (const viewer of [ada, boss]) {
      const demoted = here.chat.channels.updateMemberRole(viewer, id, ada.userId, 'MEMBER');
      await expect(demoted).rejects.toMatchObject({ code: 'FORBIDDEN' });
    }
    await here.chat.channels.updateMemberRole(ada, id, grace.userId, 'ADMIN');
    expect(await here.chat.channels.updateMemberRole(ada, id, ada.userId, 'MEMBER')).toMatchObject({
      role: 'MEMBER',
    });
    const back = here.chat.channels.updateMemberRole(ada, id, ada.userId, 'ADMIN');
    await expect(back).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });

  test('two admins who demote each other from two replicas: one stays', async () => {
    await using at = await scene();
    const { ada, grace, channel, here, there } = at;
    const { id } = channel;
    await here.chat.channels.updateMemberRole(ada, id, grace.userId, 'ADMIN');
    const [one, two] = await Promise.allSettled([
      here.chat.channels.updateMemberRole(ada, id, grace.userId, 'MEMBER'),
      there.chat.channels.updateMemberRole(grace, id, ada.userId, 'MEMBER'),
    ]);
    expect([one.status, two.status].sort()).toEqual(['fulfilled', 'rejected']);
    expect(await here.ports.memberships.adminCount(at.organizationId, id)).toBe(1);
  });

  test('members and strangers give none; there is none of a non-member, of nobody, or in a direct conversation', async () => {
    await using at = await scene();
    const { ada, grace, alan, outsider, channel, here } = at;
    const { channels } = here.chat;
    const { id } = channel;
    for (const viewer of [grace, outsider]) {
      const given = channels.updateMemberRole(viewer, id, alan.userId, 'ADMIN');
      await expect(given).rejects.toMatchObject({ code: 'FORBIDDEN' });
    }
    const own = channels.updateMemberRole(grace, id, grace.userId, 'ADMIN');
    await expect(own).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await using foreign = await scene();
    for (const userId of [outsider.userId, foreign.ada.userId, randomUUID(), 'no-uuid']) {
      const given = channels.updateMemberRole(ada, id, userId, 'ADMIN');
      await expect(given).rejects.toMatchObject({ code: 'NOT_FOUND' });
    }
    const elsewhere = channels.updateMemberRole(ada, foreign.channel.id, ada.userId, 'ADMIN');
    await expect(elsewhere).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const dm = await channels.openDirectMessage(ada, [grace.userId]);
    const inDm = channels.updateMemberRole(ada, dm.id, grace.userId, 'ADMIN');
    await expect(inDm).rejects.toMatchObject({ code: 'FORBIDDEN' });
    expect(await at.announced()).toEqual([]);
  });
});
