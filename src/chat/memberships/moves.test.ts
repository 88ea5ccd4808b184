import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { foldMoves, type Move } from './moves.ts';

const whose = { organizationId: 'o', channelId: 'c', userId: 'u' };

interface Place {
  readonly checkpoint: number;
  /** Own sends that were noted before the one before them, and wait for it. */
  readonly ahead: readonly number[];
}

/** What the store does with a move (MembershipStore.advance). */
function landed(place: Place, { checkpoint: move }: Move): Place {
  if (move === undefined) return place;
  const { checkpoint } = place;
  let to = checkpoint;
  let { ahead } = place;
  if (move.onlyFrom === undefined) to = move.backward ? move.to : Math.max(checkpoint, move.to);
  else if (move.onlyFrom !== checkpoint) ahead = [...ahead, move.to];
  else {
    to = move.to;
    while (ahead.includes(to + 1)) to += 1;
  }
  return { checkpoint: to, ahead: [...new Set(ahead)].filter((own) => own > to).sort() };
}

const number = fc.nat(6);
const move: fc.Arbitrary<Move> = fc.oneof(
  fc.record({ to: number, backward: fc.boolean() }).map((checkpoint) => ({ ...whose, checkpoint })),
  fc.nat(5).map((seq) => ({ ...whose, checkpoint: { to: seq + 1, backward: false, onlyFrom: seq } })),
  fc.constant({ ...whose }),
);

describe('folding two moves', () => {
  test('never changes where the checkpoint ends, wherever it was', () => {
    let folded = 0;
    fc.assert(
      fc.property(move, move, number, fc.subarray([3, 4, 5, 6, 7]), (first, second, checkpoint, waiting) => {
        const both = foldMoves(first, second);
        if (both === null) return;
        folded += 1;
        const place = { checkpoint, ahead: waiting.filter((own) => own > checkpoint + 1) };
        expect(landed(place, both)).toEqual(landed(landed(place, first), second));
      }),
      { numRuns: 3_000 },
    );
    expect(folded).toBeGreaterThan(300);
  });

  test('keeps marking unread apart from what follows it', () => {
    const unread = { ...whose, checkpoint: { to: 2, backward: true } };
    const read = { ...whose, checkpoint: { to: 9, backward: false } };
    expect(foldMoves(unread, read)).toBeNull();
    expect(foldMoves(read, unread)).toBeNull();
  });

  test('adds up affinity, at the later time', () => {
    const send = (at: number) => ({ ...whose, affinity: { points: 1, at: new Date(at) } });
    expect(foldMoves(send(1), send(2))).toEqual({ ...whose, affinity: { points: 2, at: new Date(2) } });
  });
});
