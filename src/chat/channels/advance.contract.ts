/** What every adapter of `MembershipStore.advance` keeps: checkpoints and affinity. Call within a describe. */
import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { freshTenant } from '../people/testing/tenant.ts';
import type { Membership, MembershipStore } from './port.ts';
import { type ChannelStores, freshChannel } from './testing/channels.ts';

type Move = Parameters<MembershipStore['advance']>[0][number];

const WEEK = 7 * 24 * 3_600_000;

export function advanceContract(stores: () => ChannelStores): void {
  /** Memberships of `people` × `channels`, and the part of a move that names one. */
  async function scene(people: number, channels: number) {
    const tenant = await freshTenant(stores(), people);
    const { organizationId } = tenant;
    const memberIds = tenant.people.map((user) => user.id);
    const places: { organizationId: string; channelId: string; userId: string }[] = [];
    for (let i = 0; i < channels; i++) {
      const { id } = await freshChannel(stores(), { organizationId, memberIds });
      for (const userId of memberIds) places.push({ organizationId, channelId: id, userId });
    }
    return { organizationId, places };
  }

  async function one() {
    const { places } = await scene(1, 1);
    const [place] = places;
    if (place === undefined) throw new Error('one place');
    const advance = async (...moves: Omit<Move, keyof typeof place>[]) => {
      const all = await stores().memberships.advance(moves.map((move) => ({ ...place, ...move })));
      const last = all.at(-1);
      if (last === undefined || last === null) throw new Error('the membership is there');
      // All answers are of the membership as it is after the whole call.
      expect(new Set(all.map((answer) => JSON.stringify(answer))).size).toBe(1);
      return last;
    };
    return { place, advance };
  }

  const to = (n: number, onlyFrom?: number): Pick<Move, 'checkpoint'> => ({
    checkpoint: { to: n, backward: false, ...(onlyFrom === undefined ? {} : { onlyFrom }) },
  });
  const back = (n: number): Pick<Move, 'checkpoint'> => ({ checkpoint: { to: n, backward: true } });
  const points = (n: number, at: number): Pick<Move, 'affinity'> => ({
    affinity: { points: n, at: new Date(at) },
  });

  /** The score at a time, by the definition. */
  const scoreAt = (m: Membership, at: number) => m.affinity * 2 ** (-(at - m.affinityAt.getTime()) / WEEK);

  describe('checkpoints', () => {
    test('move forward only, back when told to, and on from one place only when it is there', async () => {
      const { advance } = await one();
      expect((await advance(to(5))).checkpoint).toBe(5);
      expect((await advance(to(3))).checkpoint).toBe(5);
      expect((await advance(back(2))).checkpoint).toBe(2);
      expect((await advance(to(5, 3))).checkpoint).toBe(2);
      expect((await advance(to(3, 2))).checkpoint).toBe(3);
      expect((await advance(back(9))).checkpoint).toBe(9);
      expect((await advance(to(2 ** 40))).checkpoint).toBe(2 ** 40);
    });

    test('own sends that are noted in another order than they were sent pass together', async () => {
      const { advance } = await one();
      const own = (seq: number) => to(seq, seq - 1);
      expect((await advance(own(3))).checkpoint).toBe(0);
      expect((await advance(own(4))).checkpoint).toBe(0);
      expect((await advance(own(2))).checkpoint).toBe(0);
      expect((await advance(own(1))).checkpoint).toBe(4);
      // A foreign message between them: nobody has read it, and reading it says nothing of what comes after it.
      expect((await advance(own(7))).checkpoint).toBe(4);
      expect((await advance(own(5))).checkpoint).toBe(5);
      expect((await advance(to(6))).checkpoint).toBe(6);
      // Sends of somebody who does not read: as many wait as can be on their way at once.
      for (let seq = 40; seq < 120; seq += 1) await advance(own(seq));
      await advance(to(53));
      expect((await advance(own(54))).checkpoint).toBe(54);
      expect((await advance(to(58), own(59))).checkpoint).toBe(119);
      expect((await advance(back(2), own(5), own(4))).checkpoint).toBe(2);
    });

    test('several moves of one membership in one call are applied in their order', async () => {
      const { advance } = await one();
      expect((await advance(to(1, 0), to(2, 1), to(3, 2))).checkpoint).toBe(3);
      expect((await advance(to(9), back(4), to(5, 4), to(7, 6))).checkpoint).toBe(5);
      expect((await advance(back(1), to(8))).checkpoint).toBe(8);
      expect((await advance(to(12), back(1))).checkpoint).toBe(1);
    });

    test('answers in the order asked, null where there is no membership', async () => {
      const { places, organizationId } = await scene(2, 2);
      const [a, b, c, d] = places;
      if (!a || !b || !c || !d) throw new Error('four places');
      const foreign = await scene(1, 1);
      const answers = await stores().memberships.advance([
        { ...d, ...to(4) },
        { ...a, channelId: randomUUID(), ...to(1) },
        { ...a, ...to(1) },
        { ...a, organizationId: foreign.organizationId, ...to(1) },
        { ...c, userId: 'no-uuid', ...to(1) },
        { ...b, ...to(2) },
        { organizationId, channelId: '', userId: '', ...points(1, 0) },
        { ...a, organizationId: 'x' },
      ]);
      expect(answers.map((one) => one && [one.channelId, one.userId, one.checkpoint])).toEqual([
        [d.channelId, d.userId, 4],
        null,
        [a.channelId, a.userId, 1],
        null,
        null,
        [b.channelId, b.userId, 2],
        null,
        null,
      ]);
      expect(await stores().memberships.advance([])).toEqual([]);
      const [untouched] = await stores().memberships.ofUser(organizationId, c.userId, [c.channelId]);
      expect(untouched?.checkpoint).toBe(0);
    });

    test('one call carries several organizations', async () => {
      const [one, two] = [await scene(1, 1), await scene(1, 1)];
      const moves = [...one.places, ...two.places].map((place, i) => ({ ...place, ...to(i + 1) }));
      const answers = await stores().memberships.advance(moves);
      expect(answers.map((answer) => answer?.checkpoint)).toEqual([1, 2]);
    });
  });

  describe('affinity', () => {
    // After every membership of these tests was made, however long they take: a score counts from there.
    const start = Date.now() + 3_600_000;

    test('adds points to the score as decayed by then', async () => {
      const { advance } = await one();
      expect(await advance(points(8, start))).toMatchObject({ affinity: 8, affinityAt: new Date(start) });
      const week = await advance(points(1, start + WEEK));
      expect(week.affinity).toBeCloseTo(5, 10);
      expect(week.affinityAt).toEqual(new Date(start + WEEK));
      const half = await advance(points(1, start + 1.5 * WEEK), points(1, start + 1.5 * WEEK));
      expect(half.affinity).toBeCloseTo(5 * Math.SQRT1_2 + 2, 10);
    });

    test('points that come late are worth what they have decayed to', async () => {
      const { advance } = await one();
      await advance(points(8, start));
      const late = await advance(points(2, start - WEEK));
      expect(scoreAt(late, start)).toBeCloseTo(9, 10);
    });

    test('a checkpoint move leaves it alone, and a score alone leaves the checkpoint', async () => {
      const { advance } = await one();
      const scored = await advance({ ...points(3, start), ...to(2) });
      expect(scored).toMatchObject({ affinity: 3, checkpoint: 2 });
      expect(await advance(to(4))).toEqual({ ...scored, checkpoint: 4 });
      expect((await advance(points(1, start))).checkpoint).toBe(4);
    });

    test('decays over any time without leaving the range of numbers', async () => {
      const { advance } = await one();
      await advance(points(5, start));
      const far = await advance(points(0, start + 2_000 * WEEK));
      expect(far.affinity).toBe(0);
      expect((await advance(points(1, start + 2_001 * WEEK))).affinity).toBe(1);
    });
  });

  describe('many at once', () => {
    test('50 concurrent calls lose nothing', async () => {
      const { place, advance } = await one();
      const at = Date.now() + 60_000;
      await Promise.all(
        Array.from({ length: 50 }, (_, i) =>
          stores().memberships.advance([{ ...place, ...to(i + 1), ...points(1, at) }]),
        ),
      );
      expect(await advance({})).toMatchObject({ checkpoint: 50, affinity: 50 });
    });

    test('concurrent calls over the same memberships in opposite orders all succeed', async () => {
      const { places } = await scene(5, 6);
      const at = Date.now() + 60_000;
      const shuffled = () =>
        places.map((place) => ({ place, by: Math.random() })).sort((x, y) => x.by - y.by);
      const calls = Array.from({ length: 40 }, (_, i) => {
        const order =
          i % 3 === 0 ? places : i % 3 === 1 ? places.toReversed() : shuffled().map((s) => s.place);
        return stores().memberships.advance(
          order.map((place) => ({ ...place, ...to(i + 1), ...points(1, at) })),
        );
      });
      const answers = await Promise.all(calls);
      expect(answers.flat().filter((answer) => answer === null)).toEqual([]);
      const after = await stores().memberships.advance(places);
      expect(after.map((m) => [m?.checkpoint, m?.affinity])).toEqual(places.map(() => [40, 40]));
    });

    test('random moves end where a plain model of them ends', async () => {
      const { places } = await scene(2, 3);
      const model = places.map(() => ({
        checkpoint: 0,
        ahead: new Set<number>(),
        affinity: 0,
      }));
      const start = Date.now() + 60_000;
      const random = (n: number) => Math.floor(Math.random() * n);
      let clock = start;
      for (let round = 0; round < 60; round++) {
        const moves: Move[] = [];
        for (let i = random(10); i >= 0; i--) {
          const which = random(places.length);
          const [place, state] = [places[which], model[which]];
          if (place === undefined || state === undefined) throw new Error('within bounds');
          const move: { -readonly [K in keyof Move]: Move[K] } = { ...place };
          if (random(3) > 0) {
            const target = random(30);
            const backward = random(5) === 0;
            const from = random(2) === 0 ? state.checkpoint : random(30);
            const isConditional = random(3) === 0;
            move.checkpoint = { to: target, backward, ...(isConditional ? { onlyFrom: from } : {}) };
            const isOwn = isConditional && !backward;
            if (!isConditional || state.checkpoint === from) {
              if (backward || target > state.checkpoint) state.checkpoint = target;
              while (isOwn && state.ahead.has(state.checkpoint + 1)) state.checkpoint += 1;
            } else if (isOwn && target === from + 1 && target > state.checkpoint) {
              state.ahead.add(target);
            }
            for (const own of state.ahead) if (own <= state.checkpoint) state.ahead.delete(own);
          }
          if (random(2) === 0) {
            clock += random(WEEK);
            const [added, at] = [random(5), clock - random(WEEK)];
            move.affinity = { points: added, at: new Date(at) };
            // The score at one fixed time is all that the model keeps: points weigh what they will have decayed to.
            state.affinity += added * 2 ** (-(start - at) / WEEK);
          }
          moves.push(move);
        }
        const answers = await stores().memberships.advance(moves);
        for (const [i, move] of moves.entries()) {
          const which = places.findIndex((p) => p.channelId === move.channelId && p.userId === move.userId);
          const [answer, state] = [answers[i], model[which]];
          if (!answer || state === undefined) throw new Error('every membership is there');
          expect(answer.checkpoint).toBe(state.checkpoint);
          const score = scoreAt(answer, start);
          expect(Math.abs(score - state.affinity)).toBeLessThanOrEqual(1e-9 * Math.max(1, state.affinity));
        }
      }
    });
  });
}
