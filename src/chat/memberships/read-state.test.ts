/** The rules of checkpoints, on both databases and two replicas: where they begin, what moves them, where they end. */
import { describe, expect, test, vi } from 'vitest';
import { onTwoReplicas } from '../channels/testing/on-two-replicas.ts';
import { eventually } from '../channels/testing/threads-scene.ts';

await onTwoReplicas('read state', (scene) => {
  describe('a checkpoint begins', () => {
    test('at the head for whoever joins or is added: nothing from before is unread', async () => {
      await using at = await scene();
      const { ada, outsider, boss, channel, here, there } = at;
      await at.say(ada, 'two');
      const joined = await there.chat.channels.join(outsider, channel.id);
      expect(joined).toMatchObject({ checkpoint: 2 });
      await at.say(ada, 'three');
      const added = await here.chat.channels.addMember(ada, channel.id, boss.userId);
      expect(added).toMatchObject({ userId: boss.userId, checkpoint: 3 });
      expect(await there.chat.memberships.unreadTotal(outsider)).toBe(1);
      expect(await there.chat.memberships.unreadTotal(boss)).toBe(0);
      // Joining again leaves what is unread.
      expect(await here.chat.channels.join(outsider, channel.id)).toMatchObject({ checkpoint: 2 });
      expect(await here.chat.channels.addMember(ada, channel.id, outsider.userId)).toMatchObject({
        checkpoint: 2,
      });
    });

    test('before what is sent while they join: that is unread, not lost', async () => {
      await using at = await scene();
      const { ada, outsider, channel, here } = at;
      const { add } = here.ports.memberships;
      const during = vi.spyOn(here.ports.memberships, 'add').mockImplementation(async (input) => {
        await at.say(ada, 'meanwhile');
        return add(input);
      });
      expect(await here.chat.channels.join(outsider, channel.id)).toMatchObject({ checkpoint: 1 });
      during.mockRestore();
      expect(await here.chat.memberships.unreadTotal(outsider)).toBe(1);
    });
  });

  describe('a send of one’s own', () => {
    test('moves it along while nothing unread lies before, also from two replicas in turn', async () => {
      await using at = await scene();
      const { ada, grace, channel, here, there } = at;
      const send = (replica: typeof here, text: string) =>
        replica.chat.messages.send(ada, {
          channelId: channel.id,
          text,
          metadata: null,
          clientMessageId: null,
          basis: null,
        });
      for (const [i, replica] of [here, there, here, there].entries()) {
        await send(replica, `number ${i}`);
        await eventually(async () =>
          expect(await at.place(ada, channel.id)).toMatchObject({ checkpoint: i + 2 }),
        );
      }
      await at.say(grace, 'unread');
      await send(there, 'six');
      // Its affinity is written with it.
      await eventually(async () => expect((await at.place(ada, channel.id))?.affinity).toBeGreaterThan(5.9));
      expect(await at.place(ada, channel.id)).toMatchObject({ checkpoint: 5 });
      expect(await here.chat.memberships.unreadTotal(ada)).toBe(2);
    });

    test('that was saved by a try which ended there moves it when it is repeated', async () => {
      await using at = await scene();
      const { grace, channel, organizationId, here, there } = at;
      await here.chat.memberships.markRead(grace, { channelId: channel.id, seq: 1, markUnread: false });
      const clientMessageId = crypto.randomUUID();
      const { messages } = here.ports;
      await messages.append(
        { organizationId, channelId: channel.id },
        {
          sendKey: `${grace.userId}/${clientMessageId}`,
          entry: { authorId: grace.userId, clientMessageId, text: 'saved', metadata: null, mentions: [] },
          bytes: 100,
          searchBack: 'ONE_BUCKET',
        },
      );
      expect(await at.place(grace, channel.id)).toMatchObject({ checkpoint: 1 });
      const input = { channelId: channel.id, text: 'saved', metadata: null, clientMessageId, basis: 1 };
      expect((await there.chat.messages.send(grace, input)).isDuplicate).toBe(true);
      await eventually(async () =>
        expect(await at.place(grace, channel.id)).toMatchObject({ checkpoint: 2 }),
      );
    });
  });

  describe('reading', () => {
    test('goes no further than the head and not back, unless marked unread', async () => {
      await using at = await scene();
      const { ada, grace, channel, here, there } = at;
      for (let i = 2; i <= 5; i += 1) await at.say(ada, `number ${i}`);
      const { id: channelId } = channel;
      const mark = (replica: typeof here, seq: number, markUnread = false) =>
        replica.chat.memberships.markRead(grace, { channelId, seq, markUnread });
      expect(await mark(here, 3)).toMatchObject({ checkpoint: 3 });
      expect(await mark(there, 1)).toMatchObject({ checkpoint: 3 });
      expect(await mark(there, 2 ** 31 - 1)).toMatchObject({ checkpoint: 5 });
      expect(await mark(here, 2, true)).toMatchObject({ checkpoint: 2 });
      expect(await mark(there, 99, true)).toMatchObject({ checkpoint: 5 });
      expect(await mark(here, 0, true)).toMatchObject({ checkpoint: 0 });
      expect(await here.chat.memberships.unreadTotal(grace)).toBe(5);
      await expect(mark(here, -1)).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
      await expect(mark(here, -1, true)).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
      await expect(
        here.chat.memberships.markRead(at.outsider, { channelId, seq: 1, markUnread: false }),
      ).rejects.toMatchObject({ code: 'FORBIDDEN' });
    });

    test('marked unread while reading on: what was asked last is what stays', async () => {
      await using at = await scene();
      const { ada, grace, channel, here } = at;
      for (let i = 2; i <= 9; i += 1) await at.say(ada, `number ${i}`);
      const { memberships } = here.chat;
      const mark = (seq: number, markUnread: boolean) =>
        memberships.markRead(grace, { channelId: channel.id, seq, markUnread });
      for (let round = 0; round < 10; round += 1) {
        await Promise.all([mark(9, false), mark(4, false)]);
        await mark(2, true);
        await Promise.all([mark(3, false), mark(5, false)]);
        expect(await at.place(grace, channel.id)).toMatchObject({ checkpoint: 5 });
      }
    });

    test('from both replicas at once, of the same channels in any order: all succeed, the furthest wins', async () => {
      await using at = await scene();
      const { ada, grace, alan, here, there } = at;
      const ids: string[] = [];
      for (let i = 0; i < 8; i += 1) {
        const channel = await here.chat.channels.create(ada, {
          clientChannelId: null,
          name: `Channel ${i}`,
          handle: null,
          topic: '',
          visibility: 'PRIVATE',
          postingPolicy: 'EVERYONE',
          memberIds: [grace.userId, alan.userId],
        });
        ids.push(channel.id);
        for (let n = 0; n < 6; n += 1) await at.say(ada, `number ${n}`, channel.id);
      }
      const reading = [here, there].flatMap((replica, which) =>
        [grace, alan].flatMap((viewer) =>
          [1, 4, 2, 6, 3, 5].flatMap((seq) =>
            (which ? ids : ids.toReversed()).map((channelId) =>
              replica.chat.memberships.markRead(viewer, { channelId, seq, markUnread: false }),
            ),
          ),
        ),
      );
      await Promise.all(reading);
      for (const viewer of [grace, alan]) {
        const places = await there.chat.memberships.ofViewer(viewer, ids);
        expect(places.map(({ checkpoint }) => checkpoint)).toEqual(ids.map(() => 6));
      }
    });
  });

  test('what is unread in all is told from checkpoints that were read before the heads', async () => {
    await using at = await scene();
    const { ada, grace, channel, here } = at;
    const channelId = channel.id;
    await here.chat.memberships.markRead(grace, { channelId, seq: 1, markUnread: false });
    expect(await here.chat.memberships.unreadTotal(grace)).toBe(0);
    const { ofUser } = here.ports.memberships;
    const reading = vi.spyOn(here.ports.memberships, 'ofUser').mockImplementationOnce(async (...args) => {
      const found = await ofUser(...args);
      // Sent after the checkpoint was read: with the head from before, it would be missed.
      await at.say(ada, 'meanwhile');
      return found;
    });
    expect(await here.chat.memberships.unreadTotal(grace)).toBe(1);
    reading.mockRestore();
  });
});
