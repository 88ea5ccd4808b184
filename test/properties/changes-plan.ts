/** What a run of the change log's properties is made of. */
import fc from 'fast-check';
import { type Chaos, chaosPlan, troublesPlan } from './log-plan.ts';
import type { Troubles } from './stepped-store.ts';

export type Deed = 'edit' | 'delete' | 'react' | 'unreact' | 'pin' | 'unpin' | 'join';

export interface ChangePlan {
  readonly deed: Deed;
  /** Which message, of those there are; which emoji, of three. */
  readonly message: number;
  readonly emoji: number;
  /** Edits: says the same as some other edit does, so that some change nothing. */
  readonly saysTheSame: boolean;
  readonly copies: number;
  readonly repeats: number;
  readonly isImpatient: boolean;
}

export interface ChangesPlan {
  readonly seed: number;
  readonly replicas: number;
  readonly batchRows: number;
  readonly messages: number;
  readonly people: readonly (readonly ChangePlan[])[];
  readonly troubles: Troubles;
  readonly chaos: Chaos;
}

const changePlan: fc.Arbitrary<ChangePlan> = fc.record({
  deed: fc.oneof(
    { weight: 4, arbitrary: fc.constant<Deed>('edit') },
    { weight: 1, arbitrary: fc.constant<Deed>('delete') },
    { weight: 4, arbitrary: fc.constant<Deed>('react') },
    { weight: 3, arbitrary: fc.constant<Deed>('unreact') },
    { weight: 1, arbitrary: fc.constantFrom<Deed>('pin', 'unpin', 'join') },
  ),
  message: fc.nat({ max: 9 }),
  emoji: fc.nat({ max: 2 }),
  saysTheSame: fc.boolean(),
  copies: fc.integer({ min: 1, max: 2 }),
  repeats: fc.nat({ max: 1 }),
  isImpatient: fc.boolean(),
});

export const changesPlan: fc.Arbitrary<ChangesPlan> = fc.record({
  seed: fc.nat(),
  replicas: fc.integer({ min: 2, max: 4 }),
  batchRows: fc.integer({ min: 1, max: 6 }),
  messages: fc.integer({ min: 1, max: 3 }),
  people: fc.array(fc.array(changePlan, { minLength: 1, maxLength: 6 }), { minLength: 2, maxLength: 7 }),
  troubles: troublesPlan,
  chaos: chaosPlan,
});
