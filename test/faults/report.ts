/** What a run came to, in a few lines. */
import type { History, Request } from './history.ts';
import { invariants } from './invariants/all.ts';
import { isExcused, PROMISED_MS } from './invariants/answers.ts';

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);

export function report(
  history: History,
  broken: ReadonlyMap<string, readonly string[]>,
  done: ReadonlyMap<string, number>,
  comings: number,
): string {
  const { channels, requests, removals, copies, trespasses, health } = history;
  const attempts = channels.flatMap((channel) => channel.attempts);
  const all: Request[] = [...requests, ...attempts];
  const took = all
    .filter((request) => request.code !== 'NETWORK' && !isExcused(request, history))
    .map(({ from, to }) => to - from)
    .sort((a, b) => a - b);
  const quantile = (q: number): string =>
    `${Math.round(took[Math.min(took.length - 1, Math.floor(took.length * q))] ?? Number.NaN)} ms`;
  const codes = new Map<string, number>();
  for (const { code } of all) codes.set(code, (codes.get(code) ?? 0) + 1);
  const listeners = channels.flatMap(({ heard }) => heard);
  const told = [
    `faults: ${[...done].map(([kind, count]) => `${kind} ${count}`).join(', ')}`,
    `${sum(channels.map(({ forward }) => forward.length))} messages on ${channels.length} channels, sent in ${attempts.length} tries`,
    `${listeners.length} listeners heard ${sum(listeners.map(({ messages }) => messages.length))} messages over ${comings} connections; ${copies.length} copies kept by events`,
    `${removals.length} removals, ${removals.filter(({ heardBegunAt }) => heardBegunAt.length > 0).length} of people who had heard something; ${trespasses.length} doors tried; ${sum(channels.flatMap(({ marks }) => marks.map(({ length }) => length)))} looks at what is unread; readiness asked ${health.length} times`,
    `${took.length} requests answered: p50 ${quantile(0.5)}, p99 ${quantile(0.99)}, longest ${quantile(1)} of ${PROMISED_MS} ms allowed`,
    `by code: ${[...codes].map(([code, count]) => `${code} ${count}`).join(', ')}`,
    ...invariants.map(({ name }) => {
      const wrong = broken.get(name);
      return wrong === undefined ? `held: ${name}` : `BROKEN: ${name}\n  ${wrong.join('\n  ')}`;
    }),
  ];
  return told.join('\n');
}
