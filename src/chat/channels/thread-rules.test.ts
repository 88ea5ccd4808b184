/** Who may do what in a thread, all of it from its parent, and what is refused; on both databases and two replicas. */
import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { onTwoReplicas } from './testing/on-two-replicas.ts';
import { eventually } from './testing/threads-scene.ts';

await onTwoReplicas('rules of threads', (scene) => {
  describe('who may', () => {
    test('in a private channel: its members; to all others neither message nor thread is there', async () => {
      await using at = await scene({ visibility: 'PRIVATE' });
      const { here, grace, outsider, root, threadId } = at;
      await at.reply(here, grace, 'psst');
      const absent = { code: 'NOT_FOUND' };
      await expect(at.reply(here, outsider, 'me too')).rejects.toMatchObject(absent);
      await expect(at.say(outsider, 'me too', threadId)).rejects.toMatchObject(absent);
      await expect(here.chat.channels.openThread(outsider, root)).rejects.toMatchObject(absent);
      expect(await here.chat.channels.readable(outsider, [threadId])).toEqual(new Map());
      const seen = await here.chat.channels.readable(at.alan, [threadId]);
      expect(seen.get(threadId)).toMatchObject({ membership: null, authority: { userId: at.alan.userId } });
    });

    test('of a public channel: everyone reads, members reply', async () => {
      await using at = await scene();
      const { here, outsider, threadId } = at;
      await at.reply(here, at.grace, 'hello');
      const seen = await here.chat.channels.readable(outsider, [threadId]);
      expect(seen.get(threadId)).toMatchObject({ membership: null, authority: null });
      await expect(at.reply(here, outsider, 'me too')).rejects.toMatchObject({ code: 'FORBIDDEN' });
      await expect(at.say(outsider, 'me too', threadId)).rejects.toMatchObject({ code: 'FORBIDDEN' });
      expect(await at.replies()).toEqual(['hello']);
    });

    test('whoever leaves the channel, or is removed from it, is out of its threads at once', async () => {
      await using at = await scene({ visibility: 'PRIVATE' });
      const { here, there, grace, alan, threadId, channel } = at;
      await at.reply(here, grace, 'hello');
      await at.reply(here, alan, 'hi');
      await here.chat.channels.leave(grace, channel.id);
      await here.chat.channels.removeMember(at.ada, channel.id, alan.userId);
      for (const viewer of [grace, alan]) {
        expect(await there.chat.channels.readable(viewer, [threadId])).toEqual(new Map());
        expect(await at.place(viewer)).toBeUndefined();
        await expect(at.say(viewer, 'again', threadId)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      }
      // Added again they have left the thread, until they reply.
      await here.chat.channels.addMember(at.ada, channel.id, grace.userId);
      expect(await at.place(grace)).toBeUndefined();
      await at.reply(there, grace, 'back');
      await eventually(async () => expect(await at.place(grace)).toMatchObject({ checkpoint: 3 }));
    });

    test('where only admins post, only they reply', async () => {
      await using at = await scene({ postingPolicy: 'ADMINS' });
      const refused = { code: 'FORBIDDEN' };
      await expect(at.reply(at.here, at.grace, 'me')).rejects.toMatchObject(refused);
      await expect(at.here.chat.channels.openThread(at.grace, at.root)).rejects.toMatchObject(refused);
      await at.reply(at.here, at.ada, 'I may');
      await expect(at.say(at.grace, 'me', at.threadId)).rejects.toMatchObject(refused);
      expect(await at.replies()).toEqual(['I may']);
    });

    test('in an archived channel nobody replies, until it is taken back', async () => {
      await using at = await scene();
      const { here, ada, grace, channel, threadId } = at;
      await at.reply(here, grace, 'one');
      await at.say(ada, 'second');
      await here.chat.channels.archive(ada, channel.id);
      const refused = { code: 'FORBIDDEN' };
      await expect(at.reply(here, grace, 'two')).rejects.toMatchObject(refused);
      await expect(at.say(grace, 'two', threadId)).rejects.toMatchObject(refused);
      await expect(here.chat.messages.delete(grace, { channelId: threadId, seq: 1 })).rejects.toMatchObject(
        refused,
      );
      const other = { channelId: channel.id, seq: 2 };
      await expect(here.chat.channels.openThread(grace, other)).rejects.toMatchObject(refused);
      expect((await here.chat.channels.openThread(grace, at.root)).archivedAt).toEqual(expect.any(Date));
      await here.chat.memberships.markRead(ada, { channelId: threadId, seq: 1, markUnread: false });
      await here.chat.channels.unarchive(ada, channel.id);
      await at.reply(here, grace, 'two');
      expect(await at.replies()).toEqual(['one', 'two']);
    });

    test('a reply in a thread changes as any message: by its author, and the channel’s admins', async () => {
      await using at = await scene();
      const { here, ada, grace, alan, threadId } = at;
      await at.reply(here, grace, 'one');
      await at.reply(here, grace, 'two');
      const [one, two] = [
        { channelId: threadId, seq: 1 },
        { channelId: threadId, seq: 2 },
      ];
      await here.chat.messages.react(alan, { ...one, emoji: '👍' }, true);
      await here.chat.messages.setPinned(alan, one, true);
      await expect(here.chat.messages.delete(alan, one)).rejects.toMatchObject({ code: 'FORBIDDEN' });
      await here.chat.messages.delete(grace, one);
      await here.chat.messages.delete(ada, two);
      const [first, last] = await here.chat.messages.byRefs(ada, [one, two]);
      expect(first?.row.entry.projection?.deletedAt).toBeDefined();
      expect(last?.row.entry.projection?.deletedAt).toBeDefined();
      // None of these makes a follower.
      expect(await at.place(alan)).toBeUndefined();
    });

    test('under a direct conversation: its people', async () => {
      await using at = await scene();
      const { here, ada, grace, alan } = at;
      const dm = await here.chat.channels.openDirectMessage(ada, [grace.userId]);
      await at.say(ada, 'just us', dm.id);
      const root = { channelId: dm.id, seq: 1 };
      const { message } = await at.reply(at.there, grace, 'yes', { root });
      const seen = await here.chat.channels.readable(ada, [message.channelId]);
      expect(seen.get(message.channelId)).toMatchObject({ membership: { checkpoint: 0 } });
      expect(seen.get(message.channelId)?.channel).toMatchObject({ visibility: 'PRIVATE', root });
      for (const stranger of [alan, at.boss]) {
        await expect(at.reply(here, stranger, 'hey', { root })).rejects.toMatchObject({ code: 'NOT_FOUND' });
        expect(await here.chat.channels.readable(stranger, [message.channelId])).toEqual(new Map());
      }
    });
  });

  describe('bad input', () => {
    test('roots that are elsewhere, nowhere, or in a thread; nothing is made of them', async () => {
      await using at = await scene();
      await using foreign = await scene();
      const { here, ada, grace, channel, threadId } = at;
      const reply = (root: { channelId: string; seq: number }, channelId = channel.id) =>
        here.chat.messages.send(grace, {
          channelId,
          text: 'x',
          metadata: null,
          clientMessageId: null,
          basis: null,
          threadRoot: root,
        });
      const open = (root: { channelId: string; seq: number }) => here.chat.channels.openThread(grace, root);
      // In another channel, whether that is there or not.
      for (const channelId of [foreign.channel.id, randomUUID(), 'no-uuid', threadId]) {
        await expect(reply({ channelId, seq: 1 })).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
        await expect(open({ channelId, seq: 1 })).rejects.toMatchObject({ code: 'NOT_FOUND' });
      }
      await expect(reply(foreign.root, foreign.channel.id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      // Above the head, and what no message has.
      for (const seq of [2, 2 ** 31 - 1, Number.MAX_SAFE_INTEGER, 0, -1]) {
        await expect(reply({ channelId: channel.id, seq })).rejects.toMatchObject({ code: 'NOT_FOUND' });
        await expect(open({ channelId: channel.id, seq })).rejects.toMatchObject({ code: 'NOT_FOUND' });
      }
      expect(await at.announced()).toEqual([]);
      await at.reply(here, ada, 'one');
      const nested = { channelId: threadId, seq: 1 };
      await expect(open(nested)).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
      await expect(reply(nested, threadId)).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
      expect(await at.replies()).toEqual(['one']);
      expect(await foreign.announced()).toEqual([]);
    });

    test('what a thread has not: members to add and to remove, settings, an archive, roles', async () => {
      await using at = await scene();
      const { here, ada, grace, alan, threadId } = at;
      await at.reply(here, grace, 'one');
      const { channels, memberships } = here.chat;
      const refused = { code: 'FORBIDDEN' };
      await expect(channels.join(alan, threadId)).rejects.toMatchObject(refused);
      await expect(channels.leave(grace, threadId)).rejects.toMatchObject(refused);
      await expect(channels.addMember(ada, threadId, alan.userId)).rejects.toMatchObject(refused);
      await expect(channels.removeMember(ada, threadId, grace.userId)).rejects.toMatchObject(refused);
      await expect(channels.update(ada, { channelId: threadId, name: 'x' })).rejects.toMatchObject(refused);
      await expect(channels.archive(ada, threadId)).rejects.toMatchObject(refused);
      await expect(channels.updateMemberRole(ada, threadId, grace.userId, 'ADMIN')).rejects.toMatchObject(
        refused,
      );
      const unread = { channelId: threadId, seq: 1, markUnread: false };
      await expect(memberships.markRead(alan, unread)).rejects.toMatchObject(refused);
      await expect(
        memberships.updateSettings(at.outsider, { channelId: threadId, isMuted: true }),
      ).rejects.toMatchObject(refused);
      expect(await memberships.markRead(ada, unread)).toMatchObject({ checkpoint: 1 });
      expect(await memberships.updateSettings(ada, { channelId: threadId, isMuted: true })).toMatchObject({
        isMuted: true,
      });
      expect(await at.announced()).toEqual(['THREAD_OPENED']);
    });
  });
});
