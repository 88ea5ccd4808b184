import { describe, expect, test } from 'vitest';
import type { Checks } from './orders.ts';
import { Tally } from './tally.ts';

/** Two subscribers of one channel, who hear these messages. */
function tallyOf(heard: readonly (readonly number[])[], checks: Checks, seqs = heard): Tally {
  const tally = new Tally(
    heard.map(() => 0),
    1,
    checks,
  );
  heard.forEach((numbers, subscriber) => {
    for (const [i, number] of numbers.entries()) {
      tally.heard(subscriber, number, checks === 'numbered' ? (seqs[subscriber]?.[i] ?? -1) : -1, 250, 10);
    }
  });
  return tally;
}

describe('deliveries', () => {
  test('are counted when everybody has everything in one order', () => {
    const heard = tallyOf(
      [
        [2, 1, 3],
        [2, 1, 3],
      ],
      'ordered',
    ).result([3]);
    expect(heard).toMatchObject({ deliveries: 6, bytes: 60 });
    expect([...heard.delays]).toEqual([0, 0, 6]);
  });

  test('that are missing fail', () => {
    expect(() => tallyOf([[1, 2], [1]], 'counted').result([2])).toThrow('subscriber 1 got 1 of 2');
  });

  test('that come twice fail', () => {
    expect(() => tallyOf([[1, 1]], 'ordered')).toThrow('message 1 came twice');
  });

  test('in another order than a neighbour has them fail', () => {
    expect(() =>
      tallyOf(
        [
          [1, 2, 3],
          [1, 3, 2],
        ],
        'ordered',
      ).result([3]),
    ).toThrow('another order');
    expect(
      tallyOf(
        [
          [1, 2, 3],
          [1, 3, 2],
        ],
        'counted',
      ).result([3]).deliveries,
    ).toBe(6);
  });

  test("that are not the server's next fail", () => {
    expect(() => tallyOf([[1, 2]], 'numbered', [[8, 10]])).toThrow('message 10 came after message 8');
    expect(tallyOf([[1, 2]], 'numbered', [[8, 9]]).result([2]).deliveries).toBe(2);
  });

  test('are expected of each by their channel', () => {
    expect(new Tally([0, 1, 1], 2, 'ordered').expectedDeliveries([5, 7])).toBe(19);
  });
});
