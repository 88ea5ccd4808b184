import { describe, expect, test, vi } from 'vitest';
import type { Membership } from '../channels/port.ts';
import { type Logger, silentLogger } from '../logger.ts';
import { createAdvanceQueue } from './advance-queue.ts';
import type { Move } from './moves.ts';

const move = (userId: string, to: number, backward = false): Move => ({
  organizationId: 'o',
  channelId: 'c',
  userId,
  checkpoint: { to, backward },
});

/** A store of checkpoints that starts at 0 and answers when told to. */
function store() {
  const calls: (readonly Move[])[] = [];
  const checkpoints = new Map<string, number>();
  let gate: Promise<void> = Promise.resolve();
  let failures = 0;
  return {
    calls,
    checkpoints,
    hold() {
      const { promise, resolve } = Promise.withResolvers<void>();
      gate = promise;
      return resolve;
    },
    fail(times: number) {
      failures = times;
    },
    async advance(moves: readonly Move[]): Promise<readonly Membership[]> {
      calls.push(moves);
      await gate;
      if (failures > 0) {
        failures -= 1;
        throw new Error('the database is away');
      }
      for (const { userId, checkpoint } of moves) {
        const now = checkpoints.get(userId) ?? 0;
        const to = checkpoint?.to ?? now;
        checkpoints.set(userId, checkpoint?.backward ? to : Math.max(now, to));
      }
      return moves.map(({ organizationId, channelId, userId }) => ({
        id: `m-${userId}`,
        organizationId,
        channelId,
        userId,
        role: 'MEMBER',
        joinedAt: new Date(0),
        affinity: 0,
        affinityAt: new Date(0),
        isMuted: false,
        notifyAlways: false,
        checkpoint: checkpoints.get(userId) ?? 0,
      }));
    },
  };
}

function queueOn(memberships: ReturnType<typeof store>, logger: Logger = silentLogger) {
  const moved: string[] = [];
  const queue = createAdvanceQueue({
    memberships,
    logger,
    retryMs: 5,
    onMoved: (m) => moved.push(`${m.userId} ${m.checkpoint}`),
  });
  return { queue, moved };
}

describe('the queue of checkpoint moves', () => {
  test('has one store call under way, and the next takes all that came up meanwhile', async () => {
    const memberships = store();
    const release = memberships.hold();
    const { queue } = queueOn(memberships);
    const first = queue.advance(move('ada', 1));
    await vi.waitFor(() => expect(memberships.calls).toHaveLength(1));
    const rest = [
      queue.advance(move('ada', 2)),
      queue.advance(move('ada', 5)),
      queue.advance(move('grace', 3)),
    ];
    expect(memberships.calls).toHaveLength(1);
    release();
    expect((await first)?.checkpoint).toBe(1);
    expect((await Promise.all(rest)).map((m) => m?.checkpoint)).toEqual([5, 5, 3]);
    expect(memberships.calls.map((moves) => moves.length)).toEqual([1, 2]);
  });

  test('keeps the order of marking unread and reading on', async () => {
    const memberships = store();
    const { queue, moved } = queueOn(memberships);
    const all = [
      queue.advance(move('ada', 9)),
      queue.advance(move('ada', 2, true)),
      queue.advance(move('ada', 4)),
    ];
    await Promise.all(all);
    expect(memberships.checkpoints.get('ada')).toBe(4);
    expect(moved).toEqual(['ada 4']);
  });

  test('tells of a place that own sends noted out of order have moved, once', async () => {
    const memberships = store();
    const moved: number[] = [];
    const queue = createAdvanceQueue({
      // As if 7 had been noted before, on another replica.
      memberships: {
        async advance(moves) {
          memberships.checkpoints.set('ada', 7);
          return memberships.advance(moves);
        },
      },
      logger: silentLogger,
      onMoved: ({ checkpoint }) => moved.push(checkpoint),
    });
    const own = (to: number): Move => ({
      ...move('ada', to),
      checkpoint: { to, backward: false, onlyFrom: to - 1 },
    });
    queue.note(own(5));
    queue.note(own(6));
    await queue.close();
    expect(moved).toEqual([7]);
  });

  test('tells whoever waits of a failure, and repeats forward moves by itself', async () => {
    const memberships = store();
    memberships.fail(2);
    const { queue } = queueOn(memberships);
    queue.note(move('grace', 7));
    await expect(queue.advance(move('ada', 3))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await vi.waitFor(() => expect(memberships.checkpoints.get('grace')).toBe(7));
    expect(memberships.checkpoints.get('ada')).toBe(3);
  });

  test('never repeats marking unread: the client may have read on since', async () => {
    const memberships = store();
    memberships.fail(1);
    const { queue } = queueOn(memberships);
    await expect(queue.advance(move('ada', 3, true))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await queue.close();
    expect(memberships.calls).toHaveLength(1);
  });

  test('gives up a move that keeps failing', async () => {
    const memberships = store();
    memberships.fail(100);
    const { queue } = queueOn(memberships);
    queue.note(move('ada', 3));
    await vi.waitFor(() => expect(memberships.calls).toHaveLength(5));
    await queue.close();
    expect(memberships.calls).toHaveLength(5);
  });

  test('has a bound, and refuses what is over it', async () => {
    const memberships = store();
    const release = memberships.hold();
    const { queue } = queueOn(memberships);
    for (let i = 0; i < 20_000; i += 1) queue.note(move(`u${i}`, 1));
    await expect(queue.advance(move('one too many', 1))).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    release();
    await queue.close();
    expect(memberships.checkpoints.size).toBe(20_000);
  });

  test('writes what was noted before it closes, and takes no more', async () => {
    const memberships = store();
    const { queue } = queueOn(memberships);
    queue.note(move('ada', 1));
    await queue.close();
    queue.note(move('grace', 1));
    expect([...memberships.checkpoints]).toEqual([['ada', 1]]);
    await expect(queue.advance(move('ada', 2))).rejects.toMatchObject({ code: 'RATE_LIMITED' });
  });
});

describe('closing while the database is away', () => {
  const heard = () => {
    const warn = vi.fn<Logger['warn']>();
    const dropped = () => warn.mock.calls.map(([fields]) => fields).filter((fields) => 'dropped' in fields);
    return { logger: { ...silentLogger, warn }, dropped };
  };

  test('gives up at the first failure, says how much was lost, and tells whoever waits', async () => {
    const memberships = store();
    const release = memberships.hold();
    const { logger, dropped } = heard();
    const { queue } = queueOn(memberships, logger);
    for (let i = 0; i < 1_800; i += 1) queue.note(move(`u${i}`, 1));
    const waiting = expect(queue.advance(move('ada', 1))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await vi.waitFor(() => expect(memberships.calls).toHaveLength(1));
    memberships.fail(100);
    const closing = queue.close();
    release();
    await Promise.all([closing, waiting]);
    expect(memberships.calls).toHaveLength(1);
    expect(dropped()).toEqual([{ dropped: 1_801 }]);
  });

  test('goes no further than its deadline when the database says nothing', async () => {
    vi.useFakeTimers();
    try {
      const memberships = store();
      const release = memberships.hold();
      const { logger, dropped } = heard();
      const { queue, moved } = queueOn(memberships, logger);
      const answers = Array.from({ length: 700 }, (_, i) => queue.advance(move(`u${i}`, 1)));
      const outcomes = Promise.allSettled(answers);
      const closing = queue.close();
      await vi.advanceTimersByTimeAsync(5_000);
      await closing;
      expect((await outcomes).map(({ status }) => status)).toEqual(answers.map(() => 'rejected'));
      expect(dropped()).toEqual([{ dropped: 700 }]);
      release();
      await vi.advanceTimersByTimeAsync(60_000);
      expect(memberships.calls).toHaveLength(1);
      expect(moved).toEqual([]);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('moves that nobody waits for', () => {
  const queueOver = (memberships: ReturnType<typeof store>) =>
    createAdvanceQueue({ memberships, logger: silentLogger, onMoved: () => undefined });

  test('rest after a batch for as long as it took five hundred times, a second at most, and go together', async () => {
    vi.useFakeTimers();
    try {
      const memberships = store();
      const queue = queueOver(memberships);
      const release = memberships.hold();
      queue.note(move('ada', 1));
      await vi.advanceTimersByTimeAsync(1);
      release();
      await vi.advanceTimersByTimeAsync(0);
      queue.note(move('ada', 2));
      queue.note(move('grace', 1));
      await vi.advanceTimersByTimeAsync(498);
      expect(memberships.calls).toHaveLength(1);
      await vi.advanceTimersByTimeAsync(1);
      expect(memberships.calls.map((moves) => moves.length)).toEqual([1, 2]);
      const slow = memberships.hold();
      queue.note(move('ada', 3));
      await vi.advanceTimersByTimeAsync(1_000);
      await vi.advanceTimersByTimeAsync(100);
      slow();
      await vi.advanceTimersByTimeAsync(0);
      queue.note(move('ada', 4));
      await vi.advanceTimersByTimeAsync(999);
      expect(memberships.calls).toHaveLength(3);
      await vi.advanceTimersByTimeAsync(1);
      expect(memberships.calls).toHaveLength(4);
      await queue.close();
    } finally {
      vi.useRealTimers();
    }
  });

  test('go together whatever their number, those of 500 memberships at a time, without rest while more wait', async () => {
    vi.useFakeTimers();
    try {
      const memberships = store();
      const queue = queueOver(memberships);
      const release = memberships.hold();
      queue.note(move('first', 1));
      await vi.advanceTimersByTimeAsync(1_000);
      for (let to = 1; to <= 3; to++) {
        for (let i = 0; i < 600; i++) {
          const own = { to, backward: false, onlyFrom: to - 1 };
          queue.note({ ...move(`u${i}`, to), checkpoint: own });
        }
      }
      release();
      await vi.advanceTimersByTimeAsync(999);
      expect(memberships.calls).toHaveLength(1);
      await vi.advanceTimersByTimeAsync(1);
      const people = memberships.calls.map((moves) => new Set(moves.map(({ userId }) => userId)).size);
      expect(people.every((count) => count <= 500)).toBe(true);
      expect(memberships.calls.flat()).toHaveLength(1 + 3 * 600);
      await queue.close();
    } finally {
      vi.useRealTimers();
    }
  });

  test('rest no longer once somebody waits, or the queue closes', async () => {
    vi.useFakeTimers();
    try {
      for (const how of ['waits', 'closes']) {
        const memberships = store();
        const queue = queueOver(memberships);
        const release = memberships.hold();
        queue.note(move('ada', 1));
        await vi.advanceTimersByTimeAsync(1_000);
        release();
        await vi.advanceTimersByTimeAsync(0);
        queue.note(move('ada', 2));
        if (how === 'waits') expect((await queue.advance(move('grace', 3)))?.checkpoint).toBe(3);
        else await queue.close();
        expect(memberships.checkpoints.get('ada')).toBe(2);
        await queue.close();
      }
    } finally {
      vi.useRealTimers();
    }
  });

  describe('while people look at their own places', () => {
    /** One batch is written, and the next one rests for a second. */
    async function resting() {
      const memberships = store();
      const queue = queueOver(memberships);
      const release = memberships.hold();
      queue.note(move('ada', 1));
      await vi.advanceTimersByTimeAsync(1_000);
      release();
      await vi.advanceTimersByTimeAsync(0);
      queue.note(move('ada', 2));
      return { memberships, queue };
    }

    test.each([
      ['are written first, of whoever looks', ['grace', 'ada'], 'o', 200, 2],
      ['are written first at once when one looks alone', ['ada'], 'o', 0, 2],
      ['rest on while they are quite new and many look', ['grace', 'ada'], 'o', 199, 1],
      ['rest on when somebody else looks', ['grace'], 'o', 200, 1],
      ['rest on when somebody of another organization looks', ['ada'], 'p', 200, 1],
    ])('%s', async (_, people, organizationId, after, calls) => {
      vi.useFakeTimers();
      try {
        const { memberships, queue } = await resting();
        await vi.advanceTimersByTimeAsync(after);
        await queue.settled(organizationId, people);
        expect(memberships.calls).toHaveLength(calls);
        await queue.close();
      } finally {
        vi.useRealTimers();
      }
    });

    test('are waited for while they are being written, and while they wait for that', async () => {
      const memberships = store();
      const queue = queueOver(memberships);
      const release = memberships.hold();
      queue.note(move('ada', 1));
      await vi.waitFor(() => expect(memberships.calls).toHaveLength(1));
      queue.note(move('grace', 2));
      const seen: string[] = [];
      const looks = ['ada', 'grace', 'alan'].map(async (who) => {
        await queue.settled('o', [who]);
        seen.push(`${who} ${memberships.checkpoints.get(who)}`);
      });
      await looks[2];
      expect(seen).toEqual(['alan undefined']);
      release();
      await Promise.all(looks);
      expect(seen).toEqual(['alan undefined', 'ada 1', 'grace 2']);
      await queue.close();
    });

    test('hold nobody up for longer than half a second, nor after a failure', async () => {
      vi.useFakeTimers();
      try {
        const { memberships, queue } = await resting();
        await vi.advanceTimersByTimeAsync(200);
        const release = memberships.hold();
        const looked = vi.fn();
        const looking = queue.settled('o', ['ada']).then(looked);
        await vi.advanceTimersByTimeAsync(499);
        expect(looked).not.toHaveBeenCalled();
        await vi.advanceTimersByTimeAsync(1);
        await looking;
        memberships.fail(1);
        release();
        await vi.advanceTimersByTimeAsync(0);
        await queue.settled('o', ['ada']);
        await queue.close();
      } finally {
        vi.useRealTimers();
      }
    });
  });
});
