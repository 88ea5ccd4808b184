/**
 * What goes wrong when, drawn from a seed: rounds in which each kind of fault comes once, in another order each time. The same
 * seed and length give the same plan; what happens between two moments of it is the machines' own.
 */
import { seeded } from '../../src/chat/log/testing/seeded.ts';

/** The kinds of faults; each happens once in a round. */
export const kinds = [
  'replica killed',
  'replica frozen',
  'replica restarted',
  'node killed',
  'node frozen',
  'node restarted',
  'disk full',
  'Redis flushed',
  'Postgres restarted',
  'store slow',
  'store cut off',
  'clock set',
] as const;
export type Kind = (typeof kinds)[number];

export const stores = ['postgres', 'redis', 'cassandra'] as const;
export type Store = (typeof stores)[number];

/** Of three; which one a fault meets. */
export type Which = 0 | 1 | 2;

export interface Step {
  readonly kind: Kind;
  readonly replica: Which;
  readonly node: Which;
  readonly store: Store;
  readonly lastsMs: number;
  /** Of a slow store, each way. */
  readonly delayMs: number;
  /** Of a clock, ahead or behind. */
  readonly clockMs: number;
  /** What it comes with: a node that freezes while another recovers, a server that dies of its full disk. */
  readonly isWorse: boolean;
  /** Nothing goes wrong for so long afterwards. */
  readonly calmMs: number;
}

/** A replica that freezes must do so for longer than a lease of its runs, which is 10 s, to be worth it. */
const FULL_MS: Readonly<Record<Kind, number>> = {
  'replica killed': 3_000,
  'replica frozen': 14_000,
  'replica restarted': 0,
  'node killed': 6_000,
  'node frozen': 14_000,
  'node restarted': 3_000,
  'disk full': 6_000,
  'Redis flushed': 0,
  'Postgres restarted': 3_000,
  'store slow': 10_000,
  'store cut off': 14_000,
  'clock set': 8_000,
};
/** As long as anything need be away. */
const CALM_MS = 3_000;
/** A round takes about so long at full length. */
export const ROUND_SECONDS = 150;
/** Clocks are off by more than what a replica takes for right, and by as much as a whole time zone. */
const LEAST_CLOCK_MS = 20_000;
const MOST_CLOCK_MS = 3_600_000;

export interface Plan {
  /** The next step; there is always one. */
  next(): Step;
}

/**
 * @param share of the full length of each fault, up to 1.
 * @param among whom the faults are drawn; all, unless one is looked into.
 */
export function planOf(seed: number, share: number, among: readonly Kind[] = kinds): Plan {
  const random = seeded(seed);
  const below = (n: number): number => Math.floor(random() * n);
  const which = (): Which => ([0, 1, 2] as const)[below(3)] ?? 0;
  let round: Kind[] = [];
  let storesLeft: Store[] = [];

  const drawn = <T>(from: T[]): T => {
    const [one] = from.splice(below(from.length), 1);
    if (one === undefined) throw new Error('nothing is left to draw');
    return one;
  };
  return {
    next: () => {
      if (round.length === 0) round = [...among];
      const kind = drawn(round);
      // Each store once before one comes again: there are few rounds.
      if (storesLeft.length === 0) storesLeft = [...stores];
      const store = kind === 'store slow' || kind === 'store cut off' ? drawn(storesLeft) : 'cassandra';
      const isAhead = random() < 0.5;
      const clockMs = Math.round(LEAST_CLOCK_MS + random() * (MOST_CLOCK_MS - LEAST_CLOCK_MS));
      return {
        kind,
        replica: which(),
        node: which(),
        store,
        lastsMs: Math.round(FULL_MS[kind] * share * (0.75 + random() / 2)),
        delayMs: 30 + below(270),
        clockMs: isAhead ? clockMs : -clockMs,
        isWorse: random() < 0.5,
        calmMs: Math.round(CALM_MS * share),
      };
    },
  };
}

/** A line for whoever watches. */
export function named({ kind, replica, node, store, lastsMs, delayMs, clockMs, isWorse }: Step): string {
  const ms = `${(lastsMs / 1_000).toFixed(1)} s`;
  switch (kind) {
    case 'replica killed':
    case 'replica restarted':
      return `${kind}: ${replica + 1}`;
    case 'replica frozen':
      return `${kind}: ${replica + 1}, ${ms}`;
    case 'node killed':
      return `${kind}: ${node + 1}, ${ms}${isWorse ? ', and another frozen while it recovers' : ''}`;
    case 'node frozen':
    case 'node restarted':
      return `${kind}: ${node + 1}, ${ms}`;
    case 'disk full':
      return `${kind}: ${ms}${isWorse ? ', and its server killed' : ''}`;
    case 'store slow':
      return `${kind}: ${store} for replica ${replica + 1}, ${delayMs} ms each way, ${ms}`;
    case 'store cut off':
      return `${kind}: ${store} from replica ${replica + 1}, ${ms}`;
    case 'clock set':
      return `${kind}: of replica ${replica + 1}, by ${Math.round(clockMs / 1_000)} s, ${ms}`;
    default:
      return kind;
  }
}
