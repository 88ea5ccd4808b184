/**
 * Lookups that come at the same moment, put to the database as one: many people ask who may do what, each for a row or
 * two, and what a statement costs is mostly its being sent. A round begins after whatever is in it was asked, so an
 * answer is never older than its question; nothing is kept.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { unavailable } from '../../chat/errors.ts';
import { ConnectionFailed } from './sql-errors.ts';

/** Questions in one round; more go in the next. */
const MOST = 500;
/** Questions that wait while the database hangs: those who ask have given up on most of them by then. */
const MOST_WAITING = 20_000;

export interface Rounds {
  /** Under way at the same time: a slow one does not hold up all that come after it. */
  readonly atOnce: number;
  /** After each that several asked for comes a rest as long as it took, so that under load the next one carries more. */
  readonly isRested: boolean;
}

/** A database elsewhere works while this process does; one on this thread holds up everybody with each round. */
export const roundsOf = ({ isEmbedded }: { readonly isEmbedded: boolean }): Rounds =>
  isEmbedded ? { atOnce: 1, isRested: true } : { atOnce: 4, isRested: false };

/** A rest is never longer than this. */
const REST_MAX_MS = 5;

export type Gathered<Question, Answer> = (question: Question) => Promise<Answer>;

/**
 * @param ask answers questions in their order. What it throws, everybody in the round is told. Throws UNAVAILABLE to
 * whoever comes when too many wait.
 */
export function gathered<Question, Answer>(
  { atOnce, isRested }: Rounds,
  ask: (questions: readonly Question[]) => Promise<readonly Answer[]>,
): Gathered<Question, Answer> {
  let waiting: { readonly question: Question; readonly asked: PromiseWithResolvers<Answer> }[] = [];
  let underWay = 0;
  let isDue = false;

  /** At the end of this turn of the event loop, in which everybody who is heard now has asked. */
  const schedule = (): void => {
    if (isDue || waiting.length === 0 || underWay >= atOnce) return;
    isDue = true;
    setImmediate(() => {
      isDue = false;
      void round();
    });
  };

  const round = async (): Promise<void> => {
    const taken = waiting.slice(0, MOST);
    waiting = waiting.slice(MOST);
    underWay += 1;
    const began = performance.now();
    try {
      const answers = await ask(taken.map(({ question }) => question));
      taken.forEach(({ asked }, i) => {
        // One for each question.
        asked.resolve(answers[i] as Answer);
      });
    } catch (error) {
      for (const { asked } of taken) asked.reject(error);
    }
    // Who asks alone would only wait.
    const rest = isRested && taken.length > 1 ? Math.min(performance.now() - began, REST_MAX_MS) : 0;
    if (rest >= 1) await sleep(rest);
    underWay -= 1;
    schedule();
  };

  return (question) => {
    if (waiting.length >= MOST_WAITING) {
      return Promise.reject(unavailable('database', new ConnectionFailed('too many lookups wait')));
    }
    const asked = Promise.withResolvers<Answer>();
    waiting.push({ question, asked });
    schedule();
    return asked.promise;
  };
}
