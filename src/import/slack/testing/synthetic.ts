/**
 * A made-up Slack workspace: the same seed gives the same people, channels and messages. Each message comes with
 * what it has to be after the import, put together beside it and not by the importer's own code.
 */

export interface SyntheticSpec {
  readonly channels: number;
  /** Over all channels; the first channel has the most. */
  readonly messages: number;
  readonly people?: number;
  readonly seed?: number;
  /** Share of messages that are replies, 0 to 1; 0.15 unless given. */
  readonly replies?: number;
  /** Threads of a channel that go on at once; with 1 all replies are in one. 12 unless given. */
  readonly threadsAtOnce?: number;
  /** Share of messages with reactions; 0.05 unless given. */
  readonly reacted?: number;
}

export interface ExpectedMention {
  readonly kind: 'USER' | 'CHANNEL' | 'HERE';
  readonly handle?: string;
  readonly start: number;
  readonly length: number;
}

export interface SyntheticMessage {
  /** As it stands in a day file. */
  readonly slack: Readonly<Record<string, unknown>> & { readonly ts: string };
  readonly expected: {
    readonly text: string;
    readonly mentions: readonly ExpectedMention[];
    readonly authorHandle: string;
    /** Milliseconds since the epoch. */
    readonly at: number;
    /** `ts` of the root of the thread it is in; null outside threads. */
    readonly root: string | null;
    /** Handles by emoji, in the order of the export. */
    readonly reactions: Readonly<Record<string, readonly string[]>>;
    readonly isEdited: boolean;
    readonly isPinned: boolean;
  };
}

const FIRST_NAMES = [
  'ada',
  'grace',
  'alan',
  'edsger',
  'barbara',
  'donald',
  'radia',
  'ken',
  'frances',
  'dennis',
];
const WORDS =
  'the build is green again and we can ship it today 🎉 naïve 日本語 tests first then coffee'.split(' ');
/** Slack's names, and what they are. */
const EMOJI = [
  ['tada', '🎉'],
  ['+1', '👍'],
  ['+1::skin-tone-3', '👍🏼'],
  ['heart', '❤️'],
  ['flag-ch', '🇨🇭'],
  ['shipit', ':shipit:'],
] as const;
const START = Date.UTC(2020, 0, 1) / 1000;

/** mulberry32: small, fast, and the same everywhere. */
function random(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

export const peopleOf = (spec: SyntheticSpec): readonly { readonly id: string; readonly handle: string }[] =>
  Array.from({ length: spec.people ?? 40 }, (_, i) => ({
    id: `U${String(i).padStart(8, '0')}`,
    handle: `${FIRST_NAMES[i % FIRST_NAMES.length]}.${i}`,
  }));

export const channelsOf = (
  spec: SyntheticSpec,
): readonly { readonly id: string; readonly name: string; readonly messages: number }[] => {
  const weights = Array.from({ length: spec.channels }, (_, i) => 1 / (i + 1));
  const sum = weights.reduce((a, b) => a + b, 0);
  const counts = weights.map((w) => Math.floor((w / sum) * spec.messages));
  const rest = spec.messages - counts.reduce((a, b) => a + b, 0);
  return counts.map((count, i) => ({
    id: `C${String(i).padStart(8, '0')}`,
    name: `team-${i}`,
    messages: count + (i === 0 ? rest : 0),
  }));
};

/** A channel's messages in the order they were sent. */
export function* messagesOf(spec: SyntheticSpec, channelIndex: number): Generator<SyntheticMessage> {
  const draw = random((spec.seed ?? 1) * 1_000_003 + channelIndex);
  const chance = (share: number): boolean => draw(10_000) < share * 10_000;
  const people = peopleOf(spec);
  const channels = channelsOf(spec);
  const channelId = channels[channelIndex]?.id ?? '';
  const pick = <T>(items: readonly T[]): T => items[draw(items.length)] as T; // never empty here
  /** Roots that may still get replies. */
  const roots: string[] = [];
  let second = START + channelIndex * 7;
  let counter = 0;
  for (let n = 0; n < (channels[channelIndex]?.messages ?? 0); n += 1) {
    // Some in one second, told apart by the counter alone.
    counter = (counter + 100) % 1_000_000;
    if (counter === 0 || draw(5) > 0) second += 1 + draw(3_600);
    const ts = `${second}.${String(counter).padStart(6, '0')}`;
    const author = pick(people);
    const slack: Record<string, unknown> & { ts: string } = { type: 'message', user: author.id, ts };
    const mentions: ExpectedMention[] = [];
    let written = '';
    let text = '';
    const say = (markup: string, shown = markup): void => {
      written += markup;
      text += shown;
    };
    const named = (markup: string, shown: string, whom: Pick<ExpectedMention, 'kind' | 'handle'>): void => {
      mentions.push({ ...whom, start: text.length, length: shown.length });
      say(markup, shown);
    };
    say(`${n} `);
    for (let words = 2 + draw(12); words > 0; words -= 1) say(`${pick(WORDS)} `);
    const kind = draw(20);
    if (kind < 4) {
      const whom = pick(people);
      const label = kind === 0 ? '|somebody' : '';
      named(`<@${whom.id}${label}>`, `@${whom.handle}`, { kind: 'USER', handle: whom.handle });
      say(' ');
    }
    if (kind === 4) named('<!here>', '@here', { kind: 'HERE' });
    if (kind === 5) named('<!everyone>', '@channel', { kind: 'CHANNEL' });
    if (kind === 6) {
      const other = pick(channels);
      say(`<#${other.id}>`, `#${other.name}`);
    }
    if (kind === 7)
      say('<https://example.com/a?b=1&amp;c=2|the page>', 'the page (https://example.com/a?b=1&c=2)');
    if (kind === 8) say('if (a &lt; b &amp;&amp; c &gt; d) {\n}', 'if (a < b && c > d) {\n}');
    // A reply to what the export does not hold.
    if (kind === 10 && draw(20) === 0) slack.thread_ts = `${START - 1_000_000}.000100`;
    if (kind === 11) slack.edited = { user: author.id, ts: `${second + 30}.000000` };
    if (kind === 12)
      slack.blocks = [{ type: 'rich_text', elements: [{ type: 'text', text: 'x'.repeat(draw(400)) }] }];
    if (kind === 13 && draw(10) === 0) slack.pinned_to = [channelId];
    const reactions = chance(spec.reacted ?? 0.05) ? reactionsOf(people, draw) : [];
    if (reactions.length > 0) {
      slack.reactions = reactions.map(({ name, by }) => ({
        name,
        users: by.map((p) => p.id),
        count: by.length,
      }));
    }
    if (draw(500) === 0) say('long '.repeat(4_000));
    let root: string | null = null;
    if (slack.thread_ts === undefined) {
      if (roots.length > 0 && chance(spec.replies ?? 0.15)) {
        root = pick(roots);
        slack.thread_ts = root;
      } else if (roots.length < (spec.threadsAtOnce ?? 12)) roots.push(ts);
      else if ((spec.threadsAtOnce ?? 12) > 1 && draw(4) === 0) roots[draw(roots.length)] = ts;
    }
    yield {
      slack: { ...slack, text: written },
      expected: {
        text,
        mentions,
        authorHandle: author.handle,
        at: second * 1000 + Math.floor(counter / 1000),
        root,
        reactions: Object.fromEntries(reactions.map(({ emoji, by }) => [emoji, by.map((p) => p.handle)])),
        isEdited: slack.edited !== undefined,
        isPinned: slack.pinned_to !== undefined,
      },
    };
  }
}

function reactionsOf(people: ReturnType<typeof peopleOf>, draw: (below: number) => number) {
  const first = draw(EMOJI.length);
  return Array.from({ length: 1 + draw(3) }, (_, i) => {
    const [name, emoji] = EMOJI[(first + i) % EMOJI.length] as (typeof EMOJI)[number]; // within its length
    const from = draw(people.length);
    return { name, emoji, by: people.slice(from, from + 1 + draw(8)) };
  });
}
