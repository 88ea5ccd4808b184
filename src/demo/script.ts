/** What is said in the demo organization before anybody comes: enough for the first query to answer something. */
import type { Visibility } from '../chat/channels/port.ts';
import type { DemoHandle } from './people.ts';

export interface DemoMessage {
  readonly from: DemoHandle;
  readonly text: string;
  /** What it says after an edit by whoever sent it. */
  readonly edited?: string;
  readonly reactions?: Readonly<Record<string, readonly DemoHandle[]>>;
  readonly pinnedBy?: DemoHandle;
  /** Its thread. */
  readonly replies?: readonly { readonly from: DemoHandle; readonly text: string }[];
}

export interface DemoChannel {
  /** Names the creation, so that a second start finds the first one's channel. */
  readonly clientChannelId: string;
  readonly handle: string;
  readonly name: string;
  readonly topic: string;
  readonly visibility: Visibility;
  readonly creator: DemoHandle;
  readonly members: readonly DemoHandle[];
  readonly messages: readonly DemoMessage[];
}

export const demoChannels: readonly DemoChannel[] = [
  {
    clientChannelId: '0195d3a0-0000-4000-8000-000000000001',
    handle: 'general',
    name: 'General',
    topic: 'Everything that is for everybody',
    visibility: 'PUBLIC',
    creator: 'grace',
    members: ['ada', 'grace', 'alan', 'katherine', 'linus'],
    messages: [
      {
        from: 'grace',
        text: 'Welcome! Everybody is in this channel from the first day.',
        pinnedBy: 'grace',
      },
      { from: 'ada', text: 'Good morning. The engine is warm and I have cards to spare.' },
      { from: 'alan', text: '@ada can it play chess yet?' },
      {
        from: 'ada',
        text: 'It can lose at chess, @alan. I count that as a start.',
        reactions: { '♟️': ['alan', 'linus'], '😂': ['katherine'] },
      },
      {
        from: 'katherine',
        text: 'The landing numbers are checked by hand. We are go.',
        edited: 'The landing numbers are checked by hand, twice. We are go.',
        reactions: { '🚀': ['ada', 'grace', 'alan', 'linus'] },
      },
      {
        from: 'grace',
        text: 'Found the bug from yesterday. It was a moth. I taped it into the log book.',
        reactions: { '🦋': ['ada', 'linus'], ':applause:': ['katherine'] },
        replies: [
          { from: 'linus', text: 'Did it get to say anything?' },
          { from: 'grace', text: 'Relay 70, panel F. It was very brief.' },
          { from: 'katherine', text: 'Then the log book is complete.' },
        ],
      },
      { from: 'alan', text: 'So what do we call it from now on? Debugging?' },
    ],
  },
  {
    clientChannelId: '0195d3a0-0000-4000-8000-000000000002',
    handle: 'random',
    name: 'Random',
    topic: 'Everything else',
    visibility: 'PUBLIC',
    creator: 'ada',
    members: ['ada', 'grace', 'linus'],
    messages: [
      { from: 'linus', text: 'Who took the last orange? I had plans for it.' },
      { from: 'grace', text: 'A nanosecond is 30 centimetres of wire. I brought one for each of you.' },
      { from: 'ada', text: 'Mine goes on the wall next to the loom.' },
    ],
  },
  {
    clientChannelId: '0195d3a0-0000-4000-8000-000000000003',
    handle: 'launch-party',
    name: 'Launch party',
    topic: 'Not a word to the others',
    visibility: 'PRIVATE',
    creator: 'katherine',
    members: ['ada', 'grace', 'katherine'],
    messages: [
      { from: 'katherine', text: 'Friday, eight o’clock, the roof. I have computed the best spot.' },
      { from: 'grace', text: 'I bring the music, one nanosecond at a time.' },
    ],
  },
];

/** The direct conversation between Ada and Grace. */
export const demoDirect: {
  readonly between: readonly [DemoHandle, DemoHandle];
  readonly messages: readonly DemoMessage[];
} = {
  between: ['ada', 'grace'],
  messages: [
    { from: 'grace', text: 'Do you have a minute to look at my compiler?' },
    { from: 'ada', text: 'For a program that writes programs? Always.' },
  ],
};
