/** The figures as tables, and what was asked beside what was measured. */
import { median } from '../measure.ts';
import { figure, ratio, table } from '../table.ts';
import type { ContenderName } from './contenders.ts';
import type { Idle } from './idle.ts';
import type { Goal, Scenario } from './scenarios.ts';
import type { Figures } from './turn.ts';

export interface Measured {
  readonly scenario: Scenario;
  readonly rounds: readonly ReadonlyMap<ContenderName, Figures>[];
}

const titles: Readonly<Record<ContenderName, string>> = {
  backscroll: 'Backscroll',
  'usual-recipe': 'usual recipe',
  mercurius: 'mercurius',
  'socket-io': 'Socket.IO',
  'bare-ws': 'bare ws',
};

/** Idle memory for each connection, beside bare ws. */
const IDLE_AT_MOST = 1.5;

export function scenarioTable({ scenario, rounds }: Measured): string {
  const names = scenario.who.filter((name) => rounds.some((round) => round.has(name)));
  const rows = names.map((name) => {
    const of = (key: keyof Figures): number => medianOf(rounds, (round) => round.get(name)?.[key]);
    return [
      titles[name],
      figure(of('cpuMicrosPerDelivery')),
      ...(scenario.hasSendsApart ? [figure(of('cpuMicrosWithoutSends'))] : []),
      ratio(ratioIn(rounds, name, 'bare-ws')),
      ratio(ratioIn(rounds, name, 'usual-recipe')),
      figure(of('messagesPerSecond')),
      figure(of('deliveriesPerSecond')),
      figure(of('bytesPerDelivery')),
      figure(of('p50Ms')),
      figure(of('p99Ms')),
    ];
  });
  const head = [
    '',
    'CPU µs/delivery',
    ...(scenario.hasSendsApart ? ['without sends'] : []),
    '× bare ws',
    '× recipe',
    'messages/s',
    'deliveries/s',
    'bytes',
    'p50 ms',
    'p99 ms',
  ];
  return `${scenario.title}\n${table(head, rows)}`;
}

export function idleTable(idles: ReadonlyMap<ContenderName, Idle>, count: number): string {
  const KB = 1_024;
  const bare = idles.get('bare-ws');
  const ways = ['total', 'grown', 'connected', 'subscribed'] as const;
  const rows = [...idles].map(([name, idle]) => [
    titles[name],
    ...ways.flatMap((way) => [figure(idle[way] / KB), ratio(idle[way] / (bare?.[way] ?? Number.NaN))]),
  ]);
  const head = ['all of it, KB', 'grown by, KB', 'collected: signed in, KB', 'collected: subscribed, KB'];
  return `${figure(count)} idle subscriptions, each on a connection of its own: resident memory for each\n${table(
    ['', ...head.flatMap((title) => [title, '× bare ws'])],
    rows,
  )}`;
}

/** Null where nothing that is asked was measured. */
export function goalsTable(
  measured: readonly Measured[],
  idles: ReadonlyMap<ContenderName, Idle>,
): string | null {
  const rows = measured.flatMap((one) =>
    one.scenario.goals.flatMap((goal) => {
      const value = measuredOf('backscroll', goal, one, measured);
      const floor = goal.of in titles ? Number.NaN : measuredOf('bare-ws', goal, one, measured);
      return Number.isNaN(value)
        ? []
        : [row(`${one.scenario.title}, beside ${beside(goal, measured)}`, goal.atMost, value, floor)];
    }),
  );
  const [ours, bare] = [idles.get('backscroll'), idles.get('bare-ws')];
  if (ours !== undefined && bare !== undefined) {
    const memory = (of: string, way: keyof Idle) =>
      row(`memory of an idle subscription beside bare ws, ${of}`, IDLE_AT_MOST, ours[way] / bare[way]);
    rows.push(
      memory('as a share of all that the process holds', 'total'),
      memory('what each more of them adds', 'subscribed'),
    );
  }
  return rows.length === 0
    ? null
    : table(
        ["Backscroll's CPU for each delivery", 'asked: at most', 'measured', 'the same of bare ws'],
        rows,
      );
}

/** @param floor the same of bare ws; NaN where there is none. */
const row = (what: string, atMost: number, value: number, floor = Number.NaN): string[] => [
  what,
  ratio(atMost),
  ratio(value),
  ratio(floor),
];

function beside(goal: Goal, measured: readonly Measured[]): string {
  const { of, isWithoutSends } = goal;
  if (of in titles) return titles[of as ContenderName];
  const other = measured.find(({ scenario }) => scenario.name === of);
  return `itself with ${other?.scenario.title}${isWithoutSends ? ", both without the sends' own cost" : ''}`;
}

function measuredOf(
  name: ContenderName,
  goal: Goal,
  { rounds }: Measured,
  measured: readonly Measured[],
): number {
  if (goal.of in titles) return ratioIn(rounds, name, goal.of as ContenderName);
  const other = measured.find(({ scenario }) => scenario.name === goal.of);
  const key = goal.isWithoutSends ? 'cpuMicrosWithoutSends' : 'cpuMicrosPerDelivery';
  return other === undefined ? Number.NaN : between(rounds, other.rounds, name, key);
}

/** What one server takes in one scenario, to what it takes in another. */
const between = (
  rounds: Measured['rounds'],
  others: Measured['rounds'],
  name: ContenderName,
  key: keyof Figures,
): number =>
  medianOf(rounds, (round) => round.get(name)?.[key]) / medianOf(others, (round) => round.get(name)?.[key]);

/** The median of the ratios within a round: whatever the machine did then fell on both. */
const ratioIn = (rounds: Measured['rounds'], name: ContenderName, other: ContenderName): number =>
  medianOf(rounds, (round) => {
    const [one, base] = [round.get(name), round.get(other)];
    return one === undefined || base === undefined
      ? undefined
      : one.cpuMicrosPerDelivery / base.cpuMicrosPerDelivery;
  });

function medianOf(
  rounds: Measured['rounds'],
  pick: (round: ReadonlyMap<ContenderName, Figures>) => number | undefined,
): number {
  const values = rounds.map(pick).filter((value) => value !== undefined);
  return values.length === 0 ? Number.NaN : median(values);
}
