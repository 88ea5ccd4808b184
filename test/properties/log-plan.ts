/** What a run of the message log's properties is made of; fast-check draws it, and makes it smaller when it fails. */
import fc from 'fast-check';
import type { Troubles } from './stepped-store.ts';

export interface SendPlan {
  /** How the client tells how far back to look: the newest number it knew, or the time in its id. */
  readonly tells: 'basis' | 'id';
  /** Replicas that get it at once. */
  readonly copies: number;
  /** Repeats after it was answered, on any replica. */
  readonly repeats: number;
  /** Gives up waiting at any moment and sends it again, while the first goes on. */
  readonly isImpatient: boolean;
}

export interface Chaos {
  /** Chances at each step: a replica dies and another starts; one freezes; all clocks leap. */
  readonly crash: number;
  readonly freeze: number;
  readonly leap: number;
  /** Of publications: never arriving; telling of a number that is none. */
  readonly unheard: number;
  readonly lies: number;
  /** Troubles end after so many steps, so that every run does. */
  readonly steps: number;
}

export interface LogPlan {
  /** Of the order in which things happen. */
  readonly seed: number;
  readonly replicas: number;
  readonly batchRows: number;
  readonly writers: readonly (readonly SendPlan[])[];
  readonly troubles: Troubles;
  readonly chaos: Chaos;
}

const share = (most: number): fc.Arbitrary<number> =>
  // Half of the runs are without each trouble: what one hides another shows.
  fc.oneof(
    fc.constant(0),
    fc.integer({ min: 1, max: 100 }).map((n) => (n / 100) * most),
  );

export const troublesPlan: fc.Arbitrary<Troubles> = fc.record({
  refused: share(0.1),
  lost: share(0.15),
  unheard: share(0.2),
  late: share(0.2),
  hung: share(0.03),
  wrongHint: share(0.6),
});

export const chaosPlan: fc.Arbitrary<Chaos> = fc.record({
  crash: share(0.02),
  freeze: share(0.02),
  leap: share(0.01),
  unheard: share(1),
  lies: share(0.1),
  steps: fc.integer({ min: 50, max: 1_500 }),
});

const sendPlan: fc.Arbitrary<SendPlan> = fc.record({
  tells: fc.constantFrom('basis' as const, 'id' as const),
  copies: fc.integer({ min: 1, max: 3 }),
  repeats: fc.nat({ max: 2 }),
  isImpatient: fc.boolean(),
});

export const logPlan: fc.Arbitrary<LogPlan> = fc.record({
  seed: fc.nat(),
  replicas: fc.integer({ min: 2, max: 5 }),
  batchRows: fc.integer({ min: 1, max: 6 }),
  writers: fc.array(fc.array(sendPlan, { minLength: 1, maxLength: 7 }), {
    minLength: 2,
    maxLength: 6,
  }),
  troubles: troublesPlan,
  chaos: chaosPlan,
});
