/**
 * Removals in the middle of a stream, again and again, on three edges: nothing said after `revoke` has returned reaches
 * the user, whatever the bus does. Some dozens of runs for each kind of bus, or REVOCATION_RUNS of them.
 */
import { afterEach, expect, test } from 'vitest';
import type { Faults } from './testing/lossy-bus.ts';
import { seqs, sleep, until } from './testing/reading.ts';
import { type Follower, follow, type Installation, installation, type Replica } from './testing/replicas.ts';

const RUNS = Number(process.env.REVOCATION_RUNS ?? 25);
/** Longer than any test: what returns all the same did not wait for the deadline. */
const NEVER = 1_000_000;

let all: Installation;
let followers: Follower[] = [];
afterEach(async () => {
  await Promise.all(followers.map((follower) => follower.stop()));
  followers = [];
  await all.close();
});

const lossy: Partial<Faults> = { drop: 0.4, repeat: 0.3, unconfirmed: 0.3, delayMs: 8 };

interface Kind {
  readonly name: string;
  readonly faults?: Partial<Faults>;
  /** What becomes of the bus once the subscriptions have begun. */
  readonly spoil?: (edges: readonly Replica[]) => void;
  readonly mend?: (edges: readonly Replica[]) => void;
}

const kinds: readonly Kind[] = [
  { name: 'the bus up' },
  { name: 'a bus that loses, repeats and delays', faults: lossy },
  {
    name: 'the bus down',
    spoil: (edges) => {
      for (const { bus } of edges) bus.cut(true);
    },
    mend: (edges) => {
      for (const { bus } of edges) bus.restore();
    },
  },
  {
    name: 'one edge that hears nothing and does not know it',
    spoil: ([, deaf]) => deaf?.bus.cut(false),
    mend: ([, deaf]) => deaf?.bus.restore(),
  },
];

test.each(kinds)('with $name', { timeout: 30_000 + RUNS * 1_000 }, async ({ faults = {}, spoil, mend }) => {
  // Nobody looks at memberships unless a revocation says so: what cuts is the revocation alone.
  all = installation({
    faults,
    seed: 7,
    timings: { revokeMs: NEVER, silentMs: NEVER, interruptedMs: NEVER },
  });
  const edges = [all.replica(), all.replica(), all.replica()];
  await until(() => expect(edges.map((e) => e.live.stats().replicas)).toEqual([3, 3, 3]));
  for (let run = 0; run < RUNS; run += 1) {
    const channel = all.channel('ada', 'grace');
    const of = (user: string) =>
      Promise.all(
        edges.map(async ({ live }, i) => {
          const connectionId = `${user}${run}-${i}`;
          return follow(await live.events(all.viewer(user), { after: [], replayLimit: 100, connectionId }));
        }),
      );
    const [ada, grace] = [await of('ada'), await of('grace')];
    followers = [...ada, ...grace];
    spoil?.(edges);
    let isOver = false;
    let head = 0;
    const writing = edges.map(async (edge) => {
      while (!isOver) {
        head = Math.max(head, (await edge.say(channel)).seq);
        await sleep(all.chance() * 3);
      }
    });
    await sleep(all.chance() * 10);
    const remover = edges[run % 3];
    await remover?.publisher.revoke(all.memberships.leave(channel, 'ada'));
    const last = head;
    const told = ada.map(({ events }) => events.length);
    await sleep(5 + all.chance() * 10);
    isOver = true;
    await Promise.all(writing);
    expect(head).toBeGreaterThan(last);
    for (const [i, { events }] of ada.entries()) {
      // Stronger than what is promised: nothing at all of the channel is told any more.
      expect(events.slice(told[i]).filter((event) => event.type === 'MessagePosted')).toEqual([]);
      expect(Math.max(0, ...seqs(events))).toBeLessThanOrEqual(last);
      expect(events.filter((event) => event.type === 'ChannelDetached')).toHaveLength(1);
    }
    mend?.(edges);
    for (const { events } of grace) await until(() => expect(Math.max(0, ...seqs(events))).toBe(head));
    await Promise.all(followers.map((follower) => follower.stop()));
    followers = [];
  }
});
