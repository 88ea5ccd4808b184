/** Threads as the domain has them, on both databases and two replicas: opening, replying, and what a crash leaves. */
import { randomUUID } from 'node:crypto';
import { describe, expect, test, vi } from 'vitest';
import { startSweeper } from '../outbox/sweeper.ts';
import type { Replica } from '../testing/replica.ts';
import { onTwoReplicas } from './testing/on-two-replicas.ts';
import { eventually, type Scene } from './testing/threads-scene.ts';

await onTwoReplicas('threads', (scene) => {
  const rootOf = async ({ here, ada, root }: Scene) => {
    const [message] = await here.chat.messages.byRefs(ada, [root]);
    return message?.row.entry;
  };

  /** What the outbox holds is announced, as a sweeper would. */
  async function sweep(replica: Replica): Promise<void> {
    const sweeper = startSweeper(replica.ports, { ageMs: -60_000, everyMs: 3_600_000 });
    await sweeper.sweep();
    await sweeper.close();
  }

  describe('a first reply', () => {
    test('opens the thread, makes its sender and the root’s author followers, and tells the channel', async () => {
      await using at = await scene();
      const { ada, grace, alan, root, threadId, channel, here, organizationId } = at;
      const { message, isDuplicate } = await at.reply(here, grace, 'In the door.');
      expect(isDuplicate).toBe(false);
      expect(message).toMatchObject({ channelId: threadId, row: { seq: 1 } });
      expect((await rootOf(at))?.projection).toMatchObject({ threadId });
      expect(await at.announced()).toEqual(['THREAD_OPENED']);
      // The author has one reply to read, its sender none, and nobody else follows.
      expect(await at.place(ada)).toMatchObject({ checkpoint: 0, channelId: threadId });
      await eventually(async () => expect(await at.place(grace)).toMatchObject({ checkpoint: 1 }));
      expect(await at.place(alan)).toBeUndefined();
      expect(here.told.filter(({ method }) => method === 'threadMoved')).toEqual([
        {
          method: 'threadMoved',
          what: { parent: { organizationId, channelId: channel.id }, rootSeq: root.seq },
        },
      ]);
      // Their devices hear of it, and no sidebar grows.
      const told = here.told.filter(({ method }) => method === 'membershipChanged').map(({ what }) => what);
      expect(told).toContainEqual(expect.objectContaining({ userId: ada.userId, channelId: threadId }));
      expect(told).not.toContainEqual(expect.objectContaining({ isNew: true }));
      expect(await here.ports.memberships.channelIdsOf(organizationId, grace.userId)).toEqual([channel.id]);
      expect(await at.replies()).toEqual(['In the door.']);
    });

    test('of the root’s author leaves nothing unread for them', async () => {
      await using at = await scene();
      await at.reply(at.here, at.ada, 'Found it.');
      await eventually(async () => expect(await at.place(at.ada)).toMatchObject({ checkpoint: 1 }));
    });

    test('of somebody later begins for them where they came', async () => {
      await using at = await scene();
      for (const text of ['one', 'two', 'three']) await at.reply(at.here, at.ada, text);
      await at.reply(at.there, at.grace, 'four');
      await eventually(async () => expect(await at.place(at.grace)).toMatchObject({ checkpoint: 4 }));
      await at.reply(at.here, at.ada, 'five');
      // What came since is unread: their next reply leaves it so.
      await at.reply(at.there, at.grace, 'six');
      await eventually(async () => expect((await at.place(at.grace))?.affinity).toBeGreaterThan(1.9));
      expect(await at.place(at.grace)).toMatchObject({ checkpoint: 4 });
    });

    test('20 of them at once, from two replicas: one thread, no reply lost or doubled', async () => {
      await using at = await scene();
      const people = [at.ada, at.grace, at.alan];
      const texts = Array.from({ length: 20 }, (_, i) => `reply ${i}`);
      const sent = await Promise.all(
        texts.map((text, i) => at.reply(i % 2 ? at.here : at.there, people[i % 3] ?? at.ada, text)),
      );
      expect(new Set(sent.map(({ message }) => message.row.seq)).size).toBe(20);
      expect([...(await at.replies())].sort()).toEqual(texts.toSorted());
      expect(await at.announced()).toEqual(['THREAD_OPENED']);
    });

    test('sent straight to the thread makes a follower too', async () => {
      await using at = await scene();
      await at.reply(at.here, at.grace, 'one');
      await at.say(at.alan, 'two', at.threadId);
      await eventually(async () => expect(await at.place(at.alan)).toMatchObject({ checkpoint: 2 }));
      expect(at.here.told.filter(({ method }) => method === 'threadMoved')).toHaveLength(2);
    });
  });

  describe('once', () => {
    test('a repeat on any replica answers with the first reply', async () => {
      await using at = await scene();
      const clientMessageId = randomUUID();
      const first = await at.reply(at.here, at.grace, 'once', { clientMessageId, basis: 0 });
      const again = await at.reply(at.there, at.grace, 'twice', { clientMessageId, basis: 0 });
      expect(again.isDuplicate).toBe(true);
      expect(again.message).toEqual(first.message);
      expect(await at.replies()).toEqual(['once']);
    });

    test('ended before the reply was saved: the repeat saves it in the thread that was opened', async () => {
      await using at = await scene();
      const clientMessageId = randomUUID();
      const append = vi.spyOn(at.here.ports.messages, 'append').mockRejectedValue(new Error('crash'));
      await expect(at.reply(at.here, at.grace, 'hello', { clientMessageId })).rejects.toThrow('crash');
      append.mockRestore();
      expect(await at.replies()).toEqual([]);
      expect(await at.announced()).toEqual(['THREAD_OPENED']);
      expect((await at.reply(at.there, at.grace, 'hello', { clientMessageId })).isDuplicate).toBe(false);
      expect(await at.replies()).toEqual(['hello']);
      expect(await at.announced()).toEqual(['THREAD_OPENED']);
    });

    test('ended before the channel was told: the sweeper of another replica tells it, once', async () => {
      await using at = await scene();
      at.here.changes.isAway = true;
      await at.reply(at.here, at.grace, 'hello');
      expect((await rootOf(at))?.projection).toBeUndefined();
      at.here.changes.isAway = false;
      await sweep(at.there);
      await sweep(at.here);
      expect((await rootOf(at))?.projection).toMatchObject({ threadId: at.threadId });
      expect(await at.announced()).toEqual(['THREAD_OPENED']);
    });

    test('ended after the channel was told, before the row was forgotten: it is told once', async () => {
      await using at = await scene();
      const { outbox } = at.here.ports;
      const done = vi.spyOn(outbox, 'done').mockRejectedValue(new Error('crash'));
      await at.reply(at.here, at.grace, 'hello');
      done.mockRestore();
      expect(await outbox.open(at.organizationId, at.channel.id, 10)).toHaveLength(1);
      await sweep(at.there);
      expect(await outbox.open(at.organizationId, at.channel.id, 10)).toEqual([]);
      expect(await at.announced()).toEqual(['THREAD_OPENED']);
    });
  });

  describe('opening', () => {
    test('gives the same thread to all who may read the message, and follows it for nobody but its author', async () => {
      await using at = await scene();
      const { here, there, root, threadId } = at;
      const [one, two] = await Promise.all([
        here.chat.channels.openThread(at.grace, root),
        there.chat.channels.openThread(at.alan, root),
      ]);
      expect(one).toEqual(two);
      expect(one).toMatchObject({ id: threadId, type: 'THREAD', root, name: '', archivedAt: null });
      // Whoever reads the public channel reads the thread; to open one they have to join.
      expect(await here.chat.channels.openThread(at.outsider, root)).toEqual(one);
      expect(await at.place(at.ada)).toMatchObject({ checkpoint: 0 });
      for (const viewer of [at.grace, at.alan]) expect(await at.place(viewer)).toBeUndefined();
      expect(await at.announced()).toEqual(['THREAD_OPENED']);
      await at.say(at.ada, 'another');
      const other = { channelId: at.channel.id, seq: 2 };
      await expect(here.chat.channels.openThread(at.outsider, other)).rejects.toMatchObject({
        code: 'FORBIDDEN',
      });
    });

    test('under a message that was deleted: none; what was opened before goes on', async () => {
      await using at = await scene();
      const { here, ada, grace } = at;
      await at.say(grace, 'second');
      await at.reply(here, grace, 'first reply');
      const second = { channelId: at.channel.id, seq: 2 };
      await here.chat.messages.delete(ada, at.root);
      await here.chat.messages.delete(grace, second);
      await at.reply(here, grace, 'still here');
      expect(await at.replies()).toEqual(['first reply', 'still here']);
      expect((await here.chat.channels.openThread(ada, at.root)).id).toBe(at.threadId);
      const refused = { code: 'CONFLICT' };
      await expect(here.chat.channels.openThread(ada, second)).rejects.toMatchObject(refused);
      await expect(at.reply(here, ada, 'late', { root: second })).rejects.toMatchObject(refused);
    });
  });

  test('a reply asks each store a fixed number of times', async () => {
    await using at = await scene();
    await at.reply(at.here, at.grace, 'opens the log');
    at.here.calls.take();
    await at.reply(at.here, at.grace, 'one more');
    const ofPlaces = ['channels.placesOf', 'channels.byIds', 'memberships.ofUser'];
    const asked = Object.entries(at.here.calls.take()).filter(([call]) => ofPlaces.includes(call));
    // Where rows are kept, of those; else of both at once.
    const either = [{ 'channels.placesOf': 1 }, { 'channels.byIds': 1, 'memberships.ofUser': 1 }];
    expect(either).toContainEqual(Object.fromEntries(asked));
  });
});
