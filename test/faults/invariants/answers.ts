/** Everything answers: in time, with a code that says what it is, and the operator is told what is wrong. */
import type { History, Request } from '../history.ts';
import type { Invariant } from './invariant.ts';

/** What a request may take, whatever fails. */
export const PROMISED_MS = 15_000;
/** Codes that a fault may bring about; others would blame the client, or nobody. */
const FIT: ReadonlySet<string> = new Set(['OK', 'UNAVAILABLE', 'NETWORK']);

export const answers: Invariant = {
  name: 'everything answers',
  check: (history) => {
    const all: Request[] = [...history.requests];
    for (const { attempts } of history.channels) for (const attempt of attempts) all.push(attempt);
    return all.flatMap((request) => {
      const { what, url, from, to, code } = request;
      const told = `${what} at ${url}, ${Math.round(from)} to ${Math.round(to)} ms: ${code}`;
      if (isExcused(request, history)) return [];
      return [
        ...(to - from > PROMISED_MS ? [`took ${Math.round(to - from)} ms: ${told}`] : []),
        ...(code === 'NETWORK' ? [`no answer of a replica that was there: ${told}`] : []),
        ...(code.split('+').every((one) => FIT.has(one)) ? [] : [`answered wrongly: ${told}`]),
      ];
    });
  },
};

/** A replica that is killed or frozen owes nobody an answer meanwhile. A wrong one is wrong all the same. */
export const isExcused = ({ url, from, to, code }: Request, { absences }: History): boolean =>
  (code === 'NETWORK' || to - from > PROMISED_MS) &&
  absences.some((absence) => absence.url === url && absence.from <= to && from <= absence.to);

export const operatorTold: Invariant = {
  name: 'the operator is told',
  check: ({ health }) =>
    health
      .filter(({ expected, told }) => expected !== told)
      .map(({ what, expected, told }) => `${what}: readiness was to say ${expected} and said ${told}`),
};

/** A run that ended early shows nothing. */
export const playedToTheEnd: Invariant = {
  name: 'played to the end',
  check: ({ gaveUp }) => gaveUp,
};
