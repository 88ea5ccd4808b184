/** What every adapter of `CellStore` keeps. Call within a describe. */
import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { type ChannelStores, freshChannel, freshThread, membershipOf } from '../channels/testing/channels.ts';
import type { CellChannel, CellStore } from './port.ts';

export interface CellStores extends ChannelStores {
  readonly cells: CellStore;
}

/** Order of two ids as text, which is that of UUIDs. */
const byId = (a: { readonly channelId: string }, b: { readonly channelId: string }): number =>
  a.channelId < b.channelId ? -1 : 1;

export function cellStoreContract(stores: () => CellStores): void {
  /** An organization on a cell of its own, with two people. */
  async function scene() {
    const { organizations, users } = stores();
    const cell = `cell-${randomUUID()}`;
    const made = await organizations.create({ slug: `t-${randomUUID()}`, name: 'Test', cell });
    if (made === null) throw new Error('a random slug was taken');
    const organizationId = made.id;
    const people = await Promise.all(
      ['ada', 'grace'].map((handle) =>
        users.provision({ organizationId, subject: handle, handle, name: handle }),
      ),
    );
    return { cell, organizationId, memberIds: people.map(({ id }) => id) };
  }

  describe('epochs', () => {
    test('begin at 1, and each raise takes the next', async () => {
      const { cells, organizations } = stores();
      const { cell, organizationId } = await scene();
      expect((await cells.epochs()).get(cell)).toBe(1);
      expect((await cells.epochs()).get('default')).toBeGreaterThanOrEqual(1);
      const raised = await Promise.all([cells.raiseEpoch(cell), cells.raiseEpoch(cell)]);
      expect(raised.sort()).toEqual([2, 3]);
      expect((await cells.epochs()).get(cell)).toBe(3);
      expect(await organizations.byIds([organizationId])).toMatchObject([{ epoch: 3 }]);
      expect(await cells.raiseEpoch('of-nobody')).toBeNull();
    });
  });

  describe('channels of a cell', () => {
    test('are all given, page by page, threads with their root, and no other cell’s', async () => {
      const { cells } = stores();
      const { cell, organizationId, memberIds } = await scene();
      const other = await scene();
      await freshChannel(stores(), { organizationId: other.organizationId });
      const channels = [];
      for (let i = 0; i < 3; i += 1) {
        channels.push(await freshChannel(stores(), { organizationId, memberIds }));
      }
      const [parent] = channels;
      if (parent === undefined) throw new Error('three channels');
      const thread = await freshThread(stores(), parent, { authorId: memberIds[0] ?? '', seq: 7 });
      const expected = [
        ...channels.map(({ id }) => ({ organizationId, channelId: id, root: null })),
        { organizationId, channelId: thread.id, root: { channelId: parent.id, seq: 7 } },
      ].sort(byId);
      const given: CellChannel[] = [];
      for (let after: CellChannel | null = null; ; ) {
        const page: readonly CellChannel[] = await cells.channels(cell, after, 2);
        given.push(...page);
        after = page.at(-1) ?? null;
        if (after === null) break;
      }
      expect(given).toEqual(expected);
    });
  });

  describe('after a restore', () => {
    test('checkpoints beyond the head move back to it, the others stay', async () => {
      const { cells, memberships } = stores();
      const { organizationId, memberIds } = await scene();
      const channel = await freshChannel(stores(), { organizationId, memberIds });
      const untouched = await freshChannel(stores(), { organizationId, memberIds });
      const place = { organizationId, channelId: channel.id };
      const [ada = '', grace = ''] = memberIds;
      const to = (n: number) => ({ checkpoint: { to: n, backward: false } });
      await memberships.advance([
        { ...place, userId: ada, ...to(9) },
        { ...place, userId: grace, ...to(4) },
        { ...place, channelId: untouched.id, userId: ada, ...to(9) },
      ]);
      expect(await cells.clampCheckpoints([{ ...place, head: 6 }])).toBe(1);
      expect(await cells.clampCheckpoints([{ ...place, head: 6 }])).toBe(0);
      expect(await cells.clampCheckpoints([])).toBe(0);
      expect((await membershipOf(stores(), channel, ada)).checkpoint).toBe(6);
      expect((await membershipOf(stores(), channel, grace)).checkpoint).toBe(4);
      expect((await membershipOf(stores(), untouched, ada)).checkpoint).toBe(9);
    });

    test('threads are forgotten with their followers and what is still to be told; channels never', async () => {
      const { cells, channels, memberships, outbox } = stores();
      const { organizationId, memberIds } = await scene();
      const parent = await freshChannel(stores(), { organizationId, memberIds });
      const [authorId = ''] = memberIds;
      const [kept, gone] = [
        await freshThread(stores(), parent, { authorId, seq: 1 }),
        await freshThread(stores(), parent, { authorId, seq: 2 }),
      ];
      await cells.forgetThreads([gone, parent].map(({ id }) => ({ organizationId, channelId: id })));
      const found = await channels.byIds(organizationId, [kept.id, gone.id, parent.id]);
      expect(found.map(({ id }) => id).sort()).toEqual([kept.id, parent.id].sort());
      const places = await memberships.ofUser(organizationId, authorId, [kept.id, gone.id, parent.id]);
      expect(places.map(({ channelId }) => channelId).sort()).toEqual([kept.id, parent.id].sort());
      const open = await outbox.open(organizationId, parent.id, 100);
      expect(open.flatMap(({ thread }) => (thread === undefined ? [] : [thread.rootSeq]))).toEqual([1]);
      // It can be opened again, as if it had never been.
      expect(await freshThread(stores(), parent, { authorId, seq: 2 })).toMatchObject({ id: gone.id });
    });

    test('threads are forgotten while people follow them, read in them and are active there', async () => {
      const { cells, channels, memberships } = stores();
      const { organizationId, memberIds } = await scene();
      const [authorId = '', userId = ''] = memberIds;
      const parent = await freshChannel(stores(), { organizationId, memberIds });
      const threads: string[] = [];
      for (let seq = 1; seq <= 40; seq += 1) {
        threads.push((await freshThread(stores(), parent, { authorId, seq })).id);
      }
      const reading = threads.map((channelId) => ({
        organizationId,
        channelId,
        userId: authorId,
        checkpoint: { to: 1, backward: false },
      }));
      const active = new Map(threads.map((id) => [id, new Date()]));
      await Promise.all([
        ...threads.map((threadId) =>
          memberships.follow({ organizationId, threadId, userIds: [userId], checkpoint: 0 }),
        ),
        memberships.advance(reading),
        channels.touchActivity(organizationId, active),
        cells.forgetThreads(threads.map((channelId) => ({ organizationId, channelId })).reverse()),
        memberships.advance(reading.toReversed()),
        channels.touchActivity(organizationId, active),
      ]);
      expect(await channels.byIds(organizationId, threads)).toEqual([]);
      expect(await memberships.ofUser(organizationId, userId, threads)).toEqual([]);
    });
  });
}
