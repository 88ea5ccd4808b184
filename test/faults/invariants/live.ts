/** What is promised to those who listen, and to those who must not hear. */
import { isDeepStrictEqual } from 'node:util';
import type { Invariant } from './invariant.ts';

/** Whoever hands back their cursors hears everything once and in order; a cache kept by events is what the server shows. */
export const nothingMissed: Invariant = {
  name: 'nothing missed',
  check: ({ channels, copies }) => [
    ...channels.flatMap(({ id, forward, heard }) =>
      heard.flatMap(({ name, messages, faults }) => {
        const at = forward.findIndex(
          ({ seq, text }, i) => messages[i]?.seq !== seq || messages[i]?.text !== text,
        );
        const isWhole = at === -1 && messages.length === forward.length;
        const heardOf = `${id}: ${name} heard ${messages.length} of ${forward.length}`;
        return [
          ...(isWhole ? [] : [`${heardOf}, the first other one at ${at + 1}: ${messages[at]?.seq}`]),
          ...faults.map((fault) => `${id}: ${name} got ${JSON.stringify(fault)}`),
        ];
      }),
    ),
    ...copies.flatMap(({ channelId, copied, shown, faults }) => [
      ...(isDeepStrictEqual(copied, shown) ? [] : [`${channelId}: a copy is ${firstOther(copied, shown)}`]),
      ...faults.map((fault) => `${channelId}: a cache got ${JSON.stringify(fault)}`),
    ]),
  ],
};

function firstOther(copied: readonly unknown[], shown: readonly unknown[]): string {
  const at = shown.findIndex((one, i) => !isDeepStrictEqual(one, copied[i]));
  return `${JSON.stringify(copied[at])} where the server shows ${JSON.stringify(shown[at])}`;
}

/** Nothing that was sent after removeMember had returned reaches the one who was removed. */
export const removed: Invariant = {
  name: 'removed means removed',
  check: ({ removals }) =>
    removals.flatMap(({ channelId, returnedAt, heardBegunAt }) =>
      heardBegunAt
        .filter((begunAt) => begunAt > returnedAt)
        .map((begunAt) => `${channelId}: heard what was sent ${Math.round(begunAt - returnedAt)} ms after`),
    ),
};

/** The text of each message names its organization; what is another's is not there for who asks. */
export const tenantsApart: Invariant = {
  name: 'tenants never meet',
  check: ({ channels, trespasses }) => [
    ...channels.flatMap(({ id, organization, forward, heard }) =>
      [...forward, ...heard.flatMap(({ messages }) => messages)]
        .filter(({ text }) => !text.startsWith(`${organization} `))
        .map(({ seq, text }) => `${id} of ${organization}: ${seq} is ${text}`),
    ),
    ...trespasses
      .filter(({ outcome }) => !['NOTHING', 'NOT_FOUND', 'UNAVAILABLE', 'NETWORK'].includes(outcome))
      .map(({ what, outcome }) => `${what} across organizations: ${outcome}`),
  ],
};
