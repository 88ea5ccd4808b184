/** What is measured, of whom, and what is asked of Backscroll there. */
import { CONTENDERS, type ContenderName } from './contenders.ts';
import type { DocumentName } from './documents.ts';

/** A ratio that is promised: of Backscroll's CPU for each delivery to that of another, at most so much. */
export interface Goal {
  /** Another server in the same scenario, or Backscroll itself in another scenario. */
  readonly of: ContenderName | ScenarioName;
  readonly atMost: number;
  /** Without what sending itself costs, which falls on fewer deliveries where a channel has fewer subscribers. */
  readonly isWithoutSends?: true;
}

export interface Scenario {
  readonly name: string;
  readonly title: string;
  readonly who: readonly ContenderName[];
  readonly subscribers: number;
  /** The subscribers are spread over so many. */
  readonly channels: number;
  /** Messages a second over all channels; null: as fast as they can be published. */
  readonly rate: number | null;
  readonly document: DocumentName;
  /** Everybody who subscribes joins the channels before. */
  readonly areMembers: boolean;
  /** Edits of a message that people have reacted to, in place of new messages. */
  readonly isEdit: boolean;
  /** The same messages are first sent to channels that nobody listens to, so that what sending costs is known. */
  readonly hasSendsApart: boolean;
  readonly goals: readonly Goal[];
}

const RATE = 50;
const NEAR_RECIPE = 1 / 3;
const GRAPHQL_PAIR = ['backscroll', 'usual-recipe'] as const;

const plain = {
  who: CONTENDERS,
  channels: 1,
  document: 'plain',
  areMembers: false,
  isEdit: false,
  hasSendsApart: false,
} as const;

const goalsBeside = (bare: number): readonly Goal[] => [
  { of: 'bare-ws', atMost: bare },
  { of: 'usual-recipe', atMost: NEAR_RECIPE },
];

export const SCENARIO_NAMES = [
  '500',
  '2000',
  'fastest',
  'fragment',
  'viewer',
  'viewer-membership',
  '10-channels',
  '200-channels',
] as const;
export type ScenarioName = (typeof SCENARIO_NAMES)[number];

const all: Readonly<Record<ScenarioName, Omit<Scenario, 'name'>>> = {
  500: {
    ...plain,
    title: '500 subscribers of one channel, 50 messages a second',
    subscribers: 500,
    rate: RATE,
    hasSendsApart: true,
    goals: goalsBeside(1.1),
  },
  2000: {
    ...plain,
    title: '2,000 subscribers of one channel, 50 messages a second',
    subscribers: 2_000,
    rate: RATE,
    goals: goalsBeside(0.95),
  },
  fastest: {
    ...plain,
    title: '500 subscribers of one channel, as fast as messages can be published',
    subscribers: 500,
    rate: null,
    goals: goalsBeside(0.4),
  },
  fragment: {
    ...plain,
    title: 'as the first, with the fragment that pages use too (author, reactions, mentions, thread)',
    who: GRAPHQL_PAIR,
    subscribers: 500,
    rate: RATE,
    document: 'whole',
    goals: [{ of: 'usual-recipe', atMost: NEAR_RECIPE }],
  },
  viewer: {
    ...plain,
    title:
      'an event that differs from viewer to viewer (an edit, with viewerHasReacted), 500 subscribers, 10 a second',
    who: GRAPHQL_PAIR,
    subscribers: 500,
    rate: 10,
    document: 'whole',
    isEdit: true,
    goals: [{ of: 'usual-recipe', atMost: 1 }],
  },
  'viewer-membership': {
    ...plain,
    title:
      "an event that is nobody else's (a message, with the viewer's membership), 500 members of one channel, 10 a second",
    who: GRAPHQL_PAIR,
    subscribers: 500,
    rate: 10,
    document: 'membership',
    areMembers: true,
    goals: [{ of: 'usual-recipe', atMost: 1 }],
  },
  '10-channels': {
    ...plain,
    title: '500 subscribers over 10 channels, 500 messages a second in all',
    who: ['backscroll', 'bare-ws'],
    subscribers: 500,
    channels: 10,
    rate: 500,
    hasSendsApart: true,
    goals: [],
  },
  '200-channels': {
    ...plain,
    title:
      '10,000 subscribers over 200 channels, 500 messages a second in all: as many deliveries as in the first',
    who: ['backscroll', 'bare-ws'],
    subscribers: 10_000,
    channels: 200,
    rate: 500,
    hasSendsApart: true,
    goals: [
      { of: '500', atMost: 1.2 },
      { of: '500', atMost: 1.2, isWithoutSends: true },
      // Like for like: as many deliveries of each message, so that sends weigh alike.
      { of: '10-channels', atMost: 1.2 },
    ],
  },
};

export const scenario = (name: ScenarioName): Scenario => ({ name, ...all[name] });

/** One of the caller's own. */
export const ownScenario = (subscribers: number, rate: number): Scenario => ({
  ...plain,
  name: 'own',
  title: `${subscribers} subscribers of one channel, ${rate} messages a second`,
  subscribers,
  rate,
  goals: [],
});
