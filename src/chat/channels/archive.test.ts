/** Archiving and taking back: who may, what is refused meanwhile and what goes on; on both databases. */
import { describe, expect, test } from 'vitest';
import { onTwoReplicas } from './testing/on-two-replicas.ts';

await onTwoReplicas('archiving', (scene) => {
  describe('archiveChannel and unarchiveChannel', () => {
    test('are the admins’ of the channel and the organization, told in the change log, and repeatable', async () => {
      await using at = await scene();
      const { ada, grace, boss, channel, here, there } = at;
      await expect(here.chat.channels.archive(grace, channel.id)).rejects.toMatchObject({
        code: 'FORBIDDEN',
      });
      const archived = await here.chat.channels.archive(ada, channel.id);
      expect(archived).toEqual({ ...channel, archivedAt: expect.any(Date) });
      expect(await there.chat.channels.archive(boss, channel.id)).toEqual(archived);
      await expect(here.chat.channels.unarchive(grace, channel.id)).rejects.toMatchObject({
        code: 'FORBIDDEN',
      });
      expect(await there.chat.channels.unarchive(boss, channel.id)).toEqual(channel);
      expect(await here.chat.channels.unarchive(ada, channel.id)).toEqual(channel);
      expect(await at.announced()).toEqual(['CHANNEL_UPDATED', 'CHANNEL_UPDATED']);
    });

    test('from two replicas at once, it is archived once', async () => {
      await using at = await scene();
      const all = await Promise.all(
        Array.from({ length: 10 }, (_, i) =>
          (i % 2 ? at.here : at.there).chat.channels.archive(at.ada, at.channel.id),
        ),
      );
      expect(new Set(all.map(({ archivedAt }) => archivedAt?.getTime())).size).toBe(1);
      expect(await at.announced()).toEqual(['CHANNEL_UPDATED']);
    });

    test('nobody archives what they cannot see, or a direct conversation', async () => {
      await using at = await scene({ visibility: 'PRIVATE' });
      const { ada, boss, outsider, channel, here } = at;
      for (const viewer of [outsider, boss]) {
        await expect(here.chat.channels.archive(viewer, channel.id)).rejects.toMatchObject({
          code: 'NOT_FOUND',
        });
      }
      await expect(here.chat.channels.archive(ada, 'no-uuid')).rejects.toMatchObject({ code: 'NOT_FOUND' });
      const dm = await here.chat.channels.openDirectMessage(ada, [at.grace.userId]);
      await expect(here.chat.channels.archive(ada, dm.id)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    });
  });

  describe('an archived channel', () => {
    test('does not change', async () => {
      await using at = await scene();
      const { ada, grace, outsider, channel, root, here } = at;
      await here.chat.channels.archive(ada, channel.id);
      const { channels, messages } = here.chat;
      const refused = [
        () => at.say(ada, 'x'),
        () => at.reply(here, ada, 'x'),
        () => channels.openThread(ada, root),
        () => messages.edit(ada, { ...root, text: 'x', clientChangeId: null }),
        () => messages.delete(ada, root),
        () => messages.react(ada, { ...root, emoji: '👍' }, true),
        () => messages.react(ada, { ...root, emoji: '👍' }, false),
        () => messages.setPinned(ada, root, true),
        () => messages.setPinned(ada, root, false),
        () => channels.update(ada, { channelId: channel.id, name: 'x' }),
        () => channels.join(outsider, channel.id),
        () => channels.addMember(ada, channel.id, outsider.userId),
        () => channels.updateMemberRole(ada, channel.id, grace.userId, 'ADMIN'),
      ];
      for (const attempt of refused) await expect(attempt()).rejects.toMatchObject({ code: 'FORBIDDEN' });
      expect(await at.announced()).toEqual(['CHANNEL_UPDATED']);
      expect(await here.chat.messages.heads(ada, [channel.id, at.threadId])).toEqual([1, 0]);
    });

    test('is read, marked as read, muted and left', async () => {
      await using at = await scene();
      const { ada, grace, alan, channel, root, here } = at;
      await here.chat.channels.archive(ada, channel.id);
      const channelId = channel.id;
      expect((await here.chat.messages.byRefs(grace, [root]))[0]?.row.entry.text).toBe('Where is the key?');
      const read = await here.chat.memberships.markRead(grace, { channelId, seq: 1, markUnread: false });
      expect(read).toMatchObject({ checkpoint: 1 });
      await here.chat.memberships.updateSettings(grace, { channelId, isMuted: true });
      await here.chat.channels.leave(grace, channelId);
      await here.chat.channels.removeMember(ada, channelId, alan.userId);
      expect(await at.announced()).toEqual(['CHANNEL_UPDATED', 'MEMBER_LEFT', 'MEMBER_LEFT']);
      // Joining is what was there before: who is a member still answers as such.
      expect(await here.chat.channels.join(ada, channelId)).toMatchObject({ userId: ada.userId });
    });

    test('is archived although its change log cannot be told; it is told later', async () => {
      await using at = await scene();
      at.here.changes.isAway = true;
      await at.here.chat.channels.archive(at.ada, at.channel.id);
      at.here.changes.isAway = false;
      expect(await at.announced()).toEqual([]);
      await at.here.chat.channels.unarchive(at.ada, at.channel.id);
      expect(await at.announced()).toEqual(['CHANNEL_UPDATED', 'CHANNEL_UPDATED']);
    });
  });
});
