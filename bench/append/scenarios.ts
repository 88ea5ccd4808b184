/** What is compared, and what each comparison is to come to. The first runner is the measure of the second. */
import type { Contender } from '../measure.ts';
import { freshChannels, logContender, type openLog } from '../send/log.ts';
import type { Figures } from './alternate.ts';
import type { Plain } from './plain.ts';
import type { Replicas } from './replicas.ts';
import { localRunner, type Runner } from './runner.ts';

export interface Goal {
  readonly figure: 'perSecond' | 'p50Ms' | 'p99Ms';
  /** Of the second runner's figure to the first one's. */
  readonly atLeast?: number;
  readonly atMost?: number;
}

export interface Scenario {
  readonly name: string;
  readonly what: string;
  readonly runners: readonly [Runner, Runner];
  readonly goals: readonly Goal[];
}

export const SCENARIOS = ['hot', 'one', 'channels', 'hot-replicas', 'channels-replicas'] as const;
export type ScenarioName = (typeof SCENARIOS)[number];

const IN_FLIGHT = 64;
export const REPLICAS = 3;

type Log = ReturnType<typeof openLog>;

const beside = (plain: Plain, log: Log, channels: number, inFlight: number): readonly [Runner, Runner] => {
  const both: [Contender, Contender] = [
    plain.contender(channels),
    logContender('append', log, freshChannels(channels)),
  ];
  const [first, second] = both;
  return [localRunner(first, inFlight), localRunner(second, inFlight)];
};

/** One replica beside the plain insert. Embedded, an append is held to no ratio: its thread shares each sync. */
export function besidePlain(plain: Plain, log: Log, isHeld: boolean): readonly Scenario[] {
  const held = (...goals: Goal[]): readonly Goal[] => (isHeld ? goals : []);
  return [
    {
      name: 'hot',
      what: `one channel, ${IN_FLIGHT} in flight`,
      runners: beside(plain, log, 1, IN_FLIGHT),
      goals: held({ figure: 'perSecond', atLeast: 0.9 }),
    },
    {
      name: 'one',
      what: 'one channel, 1 in flight',
      runners: beside(plain, log, 1, 1),
      goals: held({ figure: 'p50Ms', atMost: 5 }),
    },
    {
      name: 'channels',
      what: `${IN_FLIGHT} channels, ${IN_FLIGHT} in flight`,
      runners: beside(plain, log, IN_FLIGHT, IN_FLIGHT),
      goals: held({ figure: 'perSecond', atLeast: 0.2 }),
    },
  ];
}

/** Three replicas beside one with the same load. */
export function besideOneReplica(replicas: Replicas): readonly Scenario[] {
  const both = (inFlight: number, channels: number): readonly [Runner, Runner] => [
    replicas.runner('1 replica', 1, inFlight, freshChannels(channels)),
    replicas.runner(`${REPLICAS} replicas`, REPLICAS, inFlight, freshChannels(channels)),
  ];
  return [
    {
      name: 'hot-replicas',
      what: `one channel, ${IN_FLIGHT} in flight`,
      runners: both(IN_FLIGHT, 1),
      goals: [
        { figure: 'perSecond', atLeast: 0.35 },
        { figure: 'p99Ms', atMost: 3 },
      ],
    },
    {
      name: 'channels-replicas',
      what: '20 channels, 60 in flight',
      runners: both(20 * REPLICAS, 20),
      goals: [{ figure: 'p99Ms', atMost: 5 }],
    },
  ];
}

/** The second runner's figure to the first one's, in one round. */
export const ratioOf = ([first, second]: readonly Figures[], figure: Goal['figure']): number =>
  (second?.[figure] ?? Number.NaN) / (first?.[figure] ?? Number.NaN);

export const isReached = (ratio: number, { atLeast = 0, atMost = Number.POSITIVE_INFINITY }: Goal): boolean =>
  ratio >= atLeast && ratio <= atMost;
