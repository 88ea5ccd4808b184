/** Who is told and alerted of what, and that nobody is forgotten whatever ends in between; on both databases. */
import { randomUUID } from 'node:crypto';
import { describe, expect, test, vi } from 'vitest';
import { askDelete } from '../changes/asked.ts';
import { onTwoReplicas } from '../channels/testing/on-two-replicas.ts';
import { eventually, type Scene } from '../channels/testing/threads-scene.ts';
import { messageSendKey } from '../log/entries.ts';
import { silentLogger } from '../logger.ts';
import { resolveMentions } from '../messages/mentions.ts';
import type { Replica } from '../testing/replica.ts';
import type { Viewer } from '../viewer.ts';
import { Alerts } from './alerts.ts';
import { createFanOut } from './fan-out.ts';
import { notificationId, type Told } from './port.ts';
import { Recounts } from './recounts.ts';
import { startNotificationSweeper } from './sweeper.ts';

/** Alerts of both replicas so far: number, reason and handle's last digit are enough to know each. */
const alerts = ({ here, there }: Scene): readonly string[] =>
  [...here.told, ...there.told].flatMap(({ method, what }) => {
    if (method !== 'notified') return [];
    const { notification } = what as Told;
    return [`${notification.seq} ${notification.reason} ${notification.userId}`];
  });

/** Saves a message as a replica does that ends before it has told anybody. */
async function saveOnly(at: Scene, author: Viewer, text: string, clientMessageId: string = randomUUID()) {
  const { organizationId, channel, there } = at;
  const mentions = await resolveMentions(there.ports.users, organizationId, text);
  const { row } = await there.ports.messages.append(
    { organizationId, channelId: channel.id },
    {
      sendKey: messageSendKey(author.userId, clientMessageId),
      entry: { authorId: author.userId, clientMessageId, text, metadata: null, mentions },
      bytes: 300,
      searchBack: 'ONE_BUCKET',
    },
  );
  return row.seq;
}

const mentions = async ({ channel }: Scene, { chat }: Replica, ...viewers: readonly Viewer[]) =>
  chat.notifications.mentionCounts(viewers.map((viewer) => ({ viewer, channelId: channel.id })));

/** What a replica has for its upkeep, without waiting for its time. */
function upkeepOf({ ports }: Replica) {
  const fanOut = createFanOut({ ...ports, alerts: new Alerts(ports) });
  const recounts = new Recounts({ ...ports, fanOut });
  const sweeper = startNotificationSweeper({ ...ports, fanOut, recounts }, { everyMs: 3_600_000, ageMs: 0 });
  return {
    sweeper,
    fanOut,
    async [Symbol.asyncDispose]() {
      await sweeper.close();
      await fanOut.close();
    },
  };
}

await onTwoReplicas('telling people of messages', (scene) => {
  describe('a replica that ended between saving a message and telling of it', () => {
    test('left it to the next message that is told of, wherever that is sent', async () => {
      await using at = await scene();
      const { ada, grace, alan, here } = at;
      await saveOnly(at, ada, '@p-1');
      await saveOnly(at, ada, '@channel');
      expect(await mentions(at, here, grace, alan)).toEqual([0, 0]);
      await at.say(ada, 'and @p-2');
      expect(await mentions(at, here, grace, alan)).toEqual([2, 2]);
      await eventually(async () =>
        expect(alerts(at).toSorted()).toEqual(
          [
            `2 MENTION ${grace.userId}`,
            `3 MENTION ${grace.userId}`,
            `3 MENTION ${alan.userId}`,
            `4 MENTION ${alan.userId}`,
          ].toSorted(),
        ),
      );
    });

    test('left it to the repeat of the send', async () => {
      await using at = await scene();
      const { ada, grace, channel, here } = at;
      const clientMessageId = randomUUID();
      await saveOnly(at, ada, 'hi @p-1', clientMessageId);
      const input = { channelId: channel.id, text: 'hi @p-1', metadata: null, clientMessageId, basis: 1 };
      expect((await here.chat.messages.send(ada, input)).isDuplicate).toBe(true);
      expect(await mentions(at, here, grace)).toEqual([1]);
      expect((await here.chat.messages.send(ada, input)).isDuplicate).toBe(true);
      expect(await mentions(at, here, grace)).toEqual([1]);
      await eventually(async () => expect(alerts(at)).toEqual([`2 MENTION ${grace.userId}`]));
    });

    test('left it to the sweeper, which looks at all channels in turn', async () => {
      await using at = await scene();
      const { ada, grace, here } = at;
      await saveOnly(at, ada, 'hi @p-1');
      await using upkeep = upkeepOf(here);
      await eventually(async () => {
        await upkeep.sweeper.sweep();
        expect(await mentions(at, here, grace)).toEqual([1]);
      });
    });

    test('left more than is read at once', async () => {
      await using at = await scene();
      const { ada, grace, here } = at;
      for (let i = 0; i < 30; i += 1) {
        await Promise.all(
          Array.from({ length: 50 }, (_, j) => saveOnly(at, ada, j === 7 ? '@p-1' : 'plain')),
        );
      }
      await at.say(ada, '@p-1');
      await eventually(async () => expect(await mentions(at, here, grace)).toEqual([31]));
    });

    test('left a deletion uncounted: the sweeper finds it planned', async () => {
      await using at = await scene();
      const { ada, grace, organizationId, channel, here, there } = at;
      const { message } = await at.say(ada, '@p-1');
      expect(await mentions(at, here, grace)).toEqual([1]);
      const { seq } = message.row;
      await there.ports.notifications.planRecount({ organizationId, channelId: channel.id, seq });
      await there.ports.changes.append(
        { organizationId, channelId: channel.id },
        {
          sendKey: `${ada.userId}/${randomUUID()}`,
          entry: askDelete({ seq, actorId: ada.userId }),
          bytes: 100,
          searchBack: 'ONE_BUCKET',
        },
      );
      expect(await mentions(at, here, grace)).toEqual([1]);
      await using upkeep = upkeepOf(here);
      await eventually(async () => {
        await upkeep.sweeper.sweep();
        expect(await mentions(at, here, grace)).toEqual([0]);
      });
      expect(
        (await here.ports.notifications.openRecounts(0, 10_000)).filter(
          (one) => one.channelId === channel.id,
        ),
      ).toEqual([]);
    });
  });

  test('a deletion on one replica overtakes the telling on the other: nobody is told', async () => {
    await using at = await scene();
    const { ada, grace, channel, here, there } = at;
    const seq = await saveOnly(at, ada, '@p-1');
    await there.chat.messages.delete(ada, { channelId: channel.id, seq });
    await at.say(ada, '@p-2');
    expect(await mentions(at, here, grace)).toEqual([0]);
    expect((await here.chat.notifications.page(grace, { limit: 10, backward: false })).items).toEqual([]);
  });

  test('while the database does not take it, sends succeed, and it is told later', async () => {
    await using at = await scene();
    const { ada, grace, here } = at;
    const failing = vi
      .spyOn(here.ports.notifications, 'tell')
      .mockRejectedValueOnce(new Error('the database is away'));
    await at.say(ada, '@p-1');
    await eventually(async () => expect(failing).toHaveBeenCalledOnce());
    failing.mockRestore();
    await eventually(async () => expect(await mentions(at, here, grace)).toEqual([1]));
  });

  test('while the log cannot be read, what is missing there is told later', async () => {
    await using at = await scene();
    const { ada, grace, here } = at;
    await saveOnly(at, ada, '@p-1');
    const failing = vi
      .spyOn(here.ports.messages, 'range')
      .mockRejectedValueOnce(new Error('the message store is away'));
    await at.say(ada, '@p-1');
    await eventually(async () => expect(await mentions(at, here, grace)).toEqual([2]));
    expect(failing.mock.calls.length).toBeGreaterThan(1);
    failing.mockRestore();
  });

  test('plain messages cost no call each: many share a look at who wants all, and one note of how far they go', async () => {
    await using at = await scene();
    const { ada, organizationId, channel, here } = at;
    here.calls.take();
    for (let i = 0; i < 100; i += 1) await at.say(ada, 'plain');
    const during = here.calls.take();
    expect(during['notifications.tell'] ?? 0).toBeLessThanOrEqual(2);
    expect(during['notifications.audience'] ?? 0).toBeLessThan(25);
    const reached = async () =>
      (await here.ports.notifications.walk(null, 10_000)).find(
        (one) => one.organizationId === organizationId && one.channelId === channel.id,
      )?.seq;
    await eventually(async () => expect(await reached()).toBe(101));
    // And again, once all was quiet.
    await at.say(ada, 'plain');
    await eventually(async () => expect(await reached()).toBe(102));
  });

  test('closing tells what is on its way', async () => {
    await using at = await scene();
    const { ada, grace, here, there } = at;
    const upkeep = upkeepOf(here);
    const { organizationId, channel } = at;
    const seq = await saveOnly(at, ada, 'plain');
    const [row = null] = await here.ports.messages.rows([
      { channel: { organizationId, channelId: channel.id }, seq },
    ]);
    if (row === null) throw new Error('it was saved');
    upkeep.fanOut.sent({ organizationId, channelId: channel.id, type: 'CHANNEL' }, row);
    await upkeep.sweeper.close();
    await upkeep.fanOut.close();
    const reached = (await there.ports.notifications.walk(null, 10_000)).find(
      (one) => one.channelId === channel.id,
    );
    expect(reached?.seq).toBe(seq);
    expect(await mentions(at, there, grace)).toEqual([0]);
  });

  describe('alerts', () => {
    test('go to who is named, to all by @channel and @here, to who wants all; not to the author, not when muted', async () => {
      await using at = await scene();
      const { ada, grace, alan, channel, here, there } = at;
      const channelId = channel.id;
      const settings = (viewer: Viewer, given: { isMuted?: boolean; notifyAlways?: boolean }) =>
        there.chat.memberships.updateSettings(viewer, { channelId, ...given });
      const expectAlerts = (...expected: readonly string[]) =>
        eventually(async () => expect(alerts(at).toSorted()).toEqual(expected.toSorted()));
      await at.say(ada, '@p-0 @p-1 @p-3 @nobody');
      const all = [`2 MENTION ${grace.userId}`];
      await expectAlerts(...all);
      await at.say(grace, '@here');
      all.push(`3 MENTION ${ada.userId}`, `3 MENTION ${alan.userId}`);
      await expectAlerts(...all);
      await settings(alan, { notifyAlways: true });
      await at.say(ada, 'plain');
      await at.say(alan, 'plain too');
      all.push(`4 NOTIFY_ALWAYS ${alan.userId}`);
      await expectAlerts(...all);
      // Named, he is told so once.
      await at.say(ada, '@p-2 and @p-1');
      all.push(`6 MENTION ${alan.userId}`, `6 MENTION ${grace.userId}`);
      await expectAlerts(...all);
      await settings(alan, { isMuted: true });
      await settings(grace, { isMuted: true });
      await here.chat.channels.join(at.boss, channelId);
      await at.say(ada, '@channel @p-2');
      all.push(`7 MENTION ${at.boss.userId}`);
      await expectAlerts(...all);
      await at.say(ada, 'plain');
      await settings(grace, { isMuted: false });
      await at.say(ada, '@p-1');
      all.push(`9 MENTION ${grace.userId}`);
      await expectAlerts(...all);
      // What is muted alerts nobody and counts all the same.
      expect(await mentions(at, here, grace, alan)).toEqual([4, 3]);
    });

    test('tell of direct messages and of replies, those who follow the thread', async () => {
      await using at = await scene();
      const { ada, grace, alan, here, there } = at;
      const dm = await here.chat.channels.openDirectMessage(ada, [grace.userId]);
      await at.say(grace, 'psst', dm.id);
      await eventually(async () => expect(alerts(at)).toEqual([`1 DIRECT_MESSAGE ${ada.userId}`]));
      await at.reply(there, grace, 'under the mat');
      await at.reply(here, alan, 'found it, @p-0');
      await eventually(async () =>
        expect(alerts(at).slice(1)).toEqual(
          expect.arrayContaining([
            `1 THREAD_REPLY ${ada.userId}`,
            `2 MENTION ${ada.userId}`,
            `2 THREAD_REPLY ${grace.userId}`,
          ]),
        ),
      );
      expect(alerts(at)).toHaveLength(4);
    });

    test('of a message that is told of late come no more', async () => {
      await using at = await scene();
      const { ada, grace, here } = at;
      const published: Told[] = [];
      const late = { now: () => Date.now() + 11 * 60_000 };
      const alerting = new Alerts({
        ...here.ports,
        clock: late,
        publisher: { notified: (told) => void published.push(told) },
        logger: silentLogger,
      });
      const told = (at: Date): Told => ({
        notification: {
          id: 'n',
          organizationId: ada.tenant.organizationId,
          userId: grace.userId,
          channelId: 'c',
          seq: 1,
          reason: 'MENTION',
          createdAt: at,
        },
        membershipId: 'm',
        isMuted: false,
        parentId: null,
      });
      alerting.told([told(new Date()), told(new Date(late.now()))]);
      await eventually(async () => expect(published).toHaveLength(1));
      await alerting.close();
    });
  });

  describe('an edit', () => {
    test('changes what is counted and listed, and alerts nobody', async () => {
      await using at = await scene();
      const { ada, grace, alan, channel, here, there } = at;
      await at.say(ada, '@p-1');
      await eventually(async () => expect(alerts(at)).toHaveLength(1));
      const edit = (text: string) =>
        there.chat.messages.edit(ada, { channelId: channel.id, seq: 2, text, clientChangeId: null });
      await edit('@p-2');
      expect(await mentions(at, here, grace, alan)).toEqual([0, 1]);
      await edit('@channel');
      expect(await mentions(at, here, grace, alan)).toEqual([1, 1]);
      await edit('nobody');
      expect(await mentions(at, here, grace, alan)).toEqual([0, 0]);
      await edit('@p-1');
      await there.chat.messages.delete(ada, { channelId: channel.id, seq: 2 });
      expect(await mentions(at, here, grace, alan)).toEqual([0, 0]);
      expect(alerts(at)).toHaveLength(1);
    });

    test('that is overtaken between looking and writing is looked at again', async () => {
      await using at = await scene();
      const { ada, grace, channel, here, there } = at;
      await at.say(ada, 'start');
      const edit = (replica: Replica, text: string) =>
        replica.chat.messages.edit(ada, { channelId: channel.id, seq: 2, text, clientChangeId: null });
      const { retell } = here.ports.notifications;
      const writing = vi
        .spyOn(here.ports.notifications, 'retell')
        .mockImplementationOnce(async (message, now) => {
          await edit(there, 'nobody');
          return retell(message, now);
        });
      await edit(here, '@p-1');
      writing.mockRestore();
      expect(await mentions(at, here, grace)).toEqual([0]);
    });

    test('many at once from both replicas end with what the message says', async () => {
      await using at = await scene();
      const { ada, grace, alan, channel, here, there } = at;
      await at.say(ada, 'start');
      for (let round = 0; round < 5; round += 1) {
        const texts = ['@p-1', '@p-2', 'nobody', '@p-1 @p-2', `last ${round}`];
        await Promise.all(
          texts.map((text, i) =>
            (i % 2 ? here : there).chat.messages.edit(ada, {
              channelId: channel.id,
              seq: 2,
              text: `${round} ${text}`,
              clientChangeId: null,
            }),
          ),
        );
        const [message] = await here.chat.messages.byRefs(ada, [{ channelId: channel.id, seq: 2 }]);
        const text = message?.row.entry.projection?.edited?.text ?? '';
        expect(await mentions(at, here, grace, alan)).toEqual([
          text.includes('@p-1') ? 1 : 0,
          text.includes('@p-2') ? 1 : 0,
        ]);
      }
    });
  });

  test('an id names the viewer’s own notification, kept or of somebody who wants all; nobody else’s', async () => {
    await using at = await scene();
    const { ada, grace, alan, channel, here } = at;
    const channelId = channel.id;
    await here.chat.memberships.updateSettings(alan, { channelId, notifyAlways: true });
    await at.say(ada, '@p-1');
    const { items } = await here.chat.notifications.page(grace, { limit: 10, backward: false });
    const [own] = items.map(({ node }) => node);
    if (own === undefined) throw new Error('grace was named');
    expect(await here.chat.notifications.byIds(grace, [own.id, 'nonsense'])).toEqual([own]);
    expect(await here.chat.notifications.byIds(ada, [own.id])).toEqual([]);
    const alans = own.id.replace(grace.userId.replaceAll('-', ''), alan.userId.replaceAll('-', ''));
    expect(await here.chat.notifications.byIds(alan, [alans])).toMatchObject([
      { seq: 2, reason: 'NOTIFY_ALWAYS' },
    ]);
    expect(await here.chat.notifications.byIds(alan, [own.id])).toEqual([]);
    await at.say(alan, 'his own');
    const ofHisOwn = notificationId(alan.userId, channelId, 3);
    expect(await here.chat.notifications.byIds(alan, [ofHisOwn])).toEqual([]);
    await here.chat.channels.leave(grace, channelId);
    expect(await here.chat.notifications.byIds(grace, [own.id])).toEqual([]);
    await here.chat.messages.delete(ada, { channelId, seq: 2 });
    expect(await here.chat.notifications.byIds(alan, [alans])).toEqual([]);
  });
});
