/** What changes come to, decided on the state right before each, through the real log: for any store, in one line. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Unchanged } from '../log/deciding.ts';
import { EARLIER_EDITS, REACTORS_KEPT } from '../log/entries.ts';
import { askDelete, askEdit, askPin, askReaction } from './asked.ts';
import { MOST_EMOJI } from './decide.ts';
import { crashingAfter } from './testing/crashing.ts';
import { ask, openChannel, type ProjectedLogs } from './testing/open-channel.ts';

const by = (actorId: string, seq = 1) => ({ actorId, seq });
const said = (text: string) => ({ text, mentions: [] });

/** @param opened a connection to the store; its logs have a bucket size of 4 to 64. */
export function changeLogContract(
  name: string,
  opened: () => Promise<ProjectedLogs & { close(): Promise<void> }>,
): void {
  describe(`a change log on ${name}`, () => {
    let logs: Awaited<ReturnType<typeof opened>>;
    beforeAll(async () => {
      logs = await opened();
    });
    afterAll(() => logs.close());
    const open = (messages: number) => openChannel(logs, messages);

    describe('an edit', () => {
      test('shows at once in the message, with its mentions, and says so in the log', async () => {
        const { channel, replica, message, change, told } = await open(3);
        const mentions = [{ kind: 'HERE', start: 0, length: 5 }] as const;
        const { row } = await ask(
          replica(),
          channel,
          askEdit(by('ada', 2), { text: '@here', mentions, metadata: { a: 1 } }),
        );
        expect(row.seq).toBe(1);
        expect((await message(2)).projection).toEqual({
          changedRev: 1,
          edited: { text: '@here', mentions, metadata: { a: 1 }, at: row.at, rev: 1 },
        });
        // All messages that were there come before it.
        expect(await change(1)).toEqual({
          kind: 'EDITED',
          head: 3,
          actorId: 'ada',
          userId: null,
          seq: 2,
          content: { text: '@here', mentions, metadata: { a: 1 } },
        });
        expect(told).toEqual([row]);
      });

      test('leaves the metadata as it is at that moment when it brings none', async () => {
        const { channel, replica, message } = await open(1);
        const log = replica();
        // One batch: the second is decided on what the first one leaves.
        await Promise.all([
          ask(log, channel, askEdit(by('ada'), { text: 'a', mentions: [], metadata: { now: true } })),
          ask(log, channel, askEdit(by('ada'), said('b'))),
        ]);
        expect((await message(1)).projection?.edited).toMatchObject({ text: 'b', metadata: { now: true } });
        await ask(log, channel, askEdit(by('ada'), { text: 'b', mentions: [], metadata: null }));
        expect((await message(1)).projection?.edited?.metadata).toBeNull();
      });

      test('that changes nothing is not appended', async () => {
        const { channel, replica, told } = await open(1);
        const log = replica();
        const same = { text: 'message 1', mentions: [], metadata: { seq: 1 } };
        await expect(ask(log, channel, askEdit(by('ada'), same))).rejects.toBeInstanceOf(Unchanged);
        await expect(ask(log, channel, askEdit(by('ada'), said('message 1')))).rejects.toBeInstanceOf(
          Unchanged,
        );
        await ask(log, channel, askEdit(by('ada'), { ...same, metadata: { seq: 2 } }));
        expect(told).toHaveLength(1);
      });

      test('names the edits before it, and the oldest named those before', async () => {
        const { channel, replica, change } = await open(1);
        const log = replica();
        const edits = Array.from({ length: 40 }, (_, n) => askEdit(by('ada'), said(`edit ${n + 1}`)));
        await Promise.all(edits.map((edit) => ask(log, channel, edit)));
        expect((await change(1)).earlierEdits).toBeUndefined();
        expect((await change(3)).earlierEdits).toEqual([2, 1]);
        const last = (await change(40)).earlierEdits;
        expect(last).toHaveLength(EARLIER_EDITS);
        expect(last?.slice(0, 2)).toEqual([39, 38]);
        expect((await change(last?.at(-1) ?? 0)).earlierEdits).toEqual([7, 6, 5, 4, 3, 2, 1]);
      });

      test('names those of its own batch by the numbers they got, whatever was left out before them', async () => {
        const { channel, replica, message, change } = await open(1);
        const log = replica();
        await Promise.allSettled([
          ask(log, channel, askPin(by('ada'), false)),
          ask(log, channel, askEdit(by('ada'), said('one'))),
          ask(log, channel, askEdit(by('ada'), said('one'))),
          ask(log, channel, askReaction(by('ada'), '👍', true)),
          ask(log, channel, askEdit(by('ada'), said('two'))),
        ]);
        expect((await change(3)).earlierEdits).toEqual([1]);
        expect((await message(1)).projection).toMatchObject({
          edited: { rev: 3 },
          reactions: { '👍': { since: 2 } },
        });
      });

      test('repeated never undoes a newer one, in any bucket, on any replica', async () => {
        const { channel, replica, message } = await open(1);
        const clientChangeId = randomUUID();
        const first = askEdit(by('ada'), said('first'));
        await ask(replica(), channel, first, { clientChangeId });
        for (let n = 2; n <= logs.changes.bucketSize + 2; n++)
          await ask(replica(), channel, askEdit(by('ada'), said(`edit ${n}`)));
        const again = await ask(replica(), channel, first, { clientChangeId, searchBack: { basis: 0 } });
        expect(again).toMatchObject({ isDuplicate: true, row: { seq: 1 } });
        expect((await message(1)).projection?.edited).toMatchObject({ rev: logs.changes.bucketSize + 2 });
      });

      test('of a message that is not there is refused', async () => {
        const { channel, replica } = await open(1);
        await expect(ask(replica(), channel, askEdit(by('ada', 2), said('x')))).rejects.toMatchObject({
          code: 'NOT_FOUND',
        });
      });
    });

    describe('a deletion', () => {
      test('erases what was sent and every edit, however many there were', async () => {
        const { channel, replica, message, change } = await open(1);
        const log = replica();
        const secrets = Array.from({ length: 100 }, (_, n) => askEdit(by('ada'), said(`secret ${n}`)));
        await Promise.all(secrets.map((secret) => ask(log, channel, secret)));
        await ask(log, channel, askDelete(by('ada')));
        expect(await message(1)).toMatchObject({ text: '', metadata: null, projection: { changedRev: 101 } });
        expect((await message(1)).projection?.edited).toBeUndefined();
        for (let rev = 1; rev <= 100; rev++) {
          expect(await change(rev)).toMatchObject({ kind: 'EDITED', seq: 1 });
          expect((await change(rev)).content).toBeUndefined();
        }
      });

      test('in one batch with edits erases those too', async () => {
        const { channel, replica, message, change } = await open(1);
        const log = replica();
        const outcomes = await Promise.allSettled([
          ask(log, channel, askPin(by('ada'), true)),
          ask(log, channel, askEdit(by('ada'), said('secret 1'))),
          ask(log, channel, askEdit(by('ada'), said('secret 2'))),
          ask(log, channel, askDelete(by('ada'))),
          ask(log, channel, askEdit(by('ada'), said('too late'))),
          ask(log, channel, askDelete(by('grace'))),
          ask(log, channel, askPin(by('grace'), false)),
        ]);
        const saved = { status: 'fulfilled' };
        const unchanged = { reason: expect.any(Unchanged) };
        const conflict = { reason: { code: 'CONFLICT' } };
        expect(outcomes).toMatchObject([saved, saved, saved, saved, conflict, unchanged, unchanged]);
        expect(await message(1)).toMatchObject({ text: '', projection: { deletedAt: expect.any(Number) } });
        for (const rev of [2, 3]) expect((await change(rev)).content).toBeUndefined();
      });

      test('is for good: nothing is left to do', async () => {
        const { channel, replica, message } = await open(1);
        const log = replica();
        await ask(log, channel, askReaction(by('grace'), '👍', true));
        await ask(log, channel, askPin(by('grace'), true));
        await ask(log, channel, askDelete(by('ada')));
        const conflict = { code: 'CONFLICT' };
        await expect(ask(log, channel, askEdit(by('ada'), said('x')))).rejects.toMatchObject(conflict);
        await expect(ask(log, channel, askReaction(by('ada'), '👍', true))).rejects.toMatchObject(conflict);
        await expect(ask(log, channel, askReaction(by('grace'), '👍', false))).rejects.toMatchObject(
          conflict,
        );
        await expect(ask(log, channel, askPin(by('ada'), true))).rejects.toMatchObject(conflict);
        await expect(ask(log, channel, askPin(by('ada'), false))).rejects.toBeInstanceOf(Unchanged);
        expect((await message(1)).projection?.pinnedAt).toBeUndefined();
      });

      test('does not make a saved edit an error when that is repeated', async () => {
        const { channel, replica } = await open(1);
        const clientChangeId = randomUUID();
        const edit = askEdit(by('ada'), said('x'));
        const log = replica();
        await ask(log, channel, edit, { clientChangeId });
        await ask(log, channel, askDelete(by('ada')));
        await expect(ask(log, channel, edit, { clientChangeId })).rejects.toBeInstanceOf(Unchanged);
      });
    });

    describe('reactions', () => {
      test('are counted exactly, also when all come at once', async () => {
        const { channel, replica, message, projections } = await open(1);
        const logs = [replica(), replica(), replica()];
        const people = Array.from({ length: 60 }, (_, n) => `user-${n}`);
        await Promise.all(
          people.map((user, n) => {
            const log = logs[n % 3];
            if (log === undefined) throw new Error('three replicas');
            return ask(log, channel, askReaction(by(user), '👍', true));
          }),
        );
        const ref = { channel, seq: 1, emoji: '👍' };
        const [inOrder = []] = await projections.reactors([ref], 200);
        expect([...inOrder].sort()).toEqual([...people].sort());
        const shown = (await message(1)).projection?.reactions?.['👍'];
        expect(shown).toEqual({ count: 60, since: 1, first: inOrder.slice(0, REACTORS_KEPT) });

        // Everyone takes it back but the last three, from the front, which moves the others up.
        const leaving = inOrder.slice(0, 57);
        await Promise.all(
          leaving.map((user, n) => {
            const log = logs[n % 3];
            if (log === undefined) throw new Error('three replicas');
            return ask(log, channel, askReaction(by(user), '👍', false));
          }),
        );
        const [left = []] = await projections.reactors([ref], 200);
        expect(left).toEqual(inOrder.slice(57));
        const [since] = await projections.reactionRevs([{ ...ref, userId: left[0] ?? '' }]);
        expect((await message(1)).projection?.reactions).toEqual({ '👍': { count: 3, since, first: left } });
      });

      test('are there once a person and emoji, and gone when taken back', async () => {
        const { channel, replica, message, change, told } = await open(1);
        const log = replica();
        const outcomes = await Promise.allSettled([
          ask(log, channel, askReaction(by('ada'), '👍', true)),
          ask(log, channel, askReaction(by('ada'), '👍', true)),
          ask(log, channel, askReaction(by('grace'), '👍', false)),
          ask(log, channel, askReaction(by('ada'), '👍', false)),
        ]);
        expect(
          outcomes.map((o) => (o.status === 'rejected' ? o.reason instanceof Unchanged : 'saved')),
        ).toEqual(['saved', true, true, 'saved']);
        expect((await message(1)).projection).toEqual({ changedRev: 2 });
        expect(await change(2)).toMatchObject({
          kind: 'REACTION_REMOVED',
          userId: 'ada',
          reaction: null,
          addedRev: 1,
        });
        expect(told).toHaveLength(2);
      });

      test('that are there already are answered once they show', async () => {
        const { channel, replica, message, projections } = await open(1);
        const slow: typeof projections.project = async (...args) => {
          await sleep(20);
          await projections.project(...args);
        };
        const log = replica({
          projections: { ...crashingAfter(1e9, projections).projections, project: slow },
        });
        const [, again] = await Promise.allSettled([
          ask(log, channel, askReaction(by('ada'), '👍', true)),
          ask(log, channel, askReaction(by('ada'), '👍', true)).catch(async (error: unknown) => {
            expect((await message(1)).projection?.reactions).toBeDefined();
            throw error;
          }),
        ]);
        expect(again).toMatchObject({ reason: expect.any(Unchanged) });
      });

      test('are of 50 different emoji at most on a message', async () => {
        const { channel, replica, message } = await open(1);
        const log = replica();
        const outcomes = await Promise.allSettled(
          Array.from({ length: MOST_EMOJI + 10 }, (_, n) =>
            ask(log, channel, askReaction(by('ada'), `:e${n}:`, true)),
          ),
        );
        const refused = outcomes.filter(({ status }) => status === 'rejected');
        expect(refused).toHaveLength(10);
        for (const outcome of refused) expect(outcome).toMatchObject({ reason: { code: 'BAD_USER_INPUT' } });
        // One more of what is there is welcome, and when one goes another may come.
        await ask(log, channel, askReaction(by('grace'), ':e0:', true));
        await expect(ask(log, channel, askReaction(by('grace'), ':new:', true))).rejects.toMatchObject({
          code: 'BAD_USER_INPUT',
        });
        await ask(log, channel, askReaction(by('ada'), ':e1:', false));
        await ask(log, channel, askReaction(by('grace'), ':new:', true));
        expect(Object.keys((await message(1)).projection?.reactions ?? {})).toHaveLength(MOST_EMOJI);
      });
    });

    describe('pins', () => {
      test('are set and taken away once', async () => {
        const { channel, replica, message, told } = await open(1);
        const log = replica();
        const { row } = await ask(log, channel, askPin(by('ada'), true));
        expect((await message(1)).projection).toEqual({ changedRev: 1, pinnedAt: row.at });
        await expect(ask(log, channel, askPin(by('grace'), true))).rejects.toBeInstanceOf(Unchanged);
        await ask(log, channel, askPin(by('grace'), false));
        await expect(ask(log, channel, askPin(by('grace'), false))).rejects.toBeInstanceOf(Unchanged);
        expect((await message(1)).projection).toEqual({ changedRev: 2 });
        expect(told).toHaveLength(2);
      });
    });

    test('changes of members pass through as they are', async () => {
      const { channel, replica, change } = await open(3);
      const entry = { kind: 'MEMBER_JOINED', head: 1, actorId: 'ada', userId: 'grace' } as const;
      await ask(replica(), channel, entry);
      expect(await change(1)).toEqual(entry);
    });
  });
}
