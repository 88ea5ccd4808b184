/**
 * Whatever is written to a subscriber is, to the byte, what plain graphql-js gives that subscriber for the event, with
 * a context of their own: whoever else follows, with whatever variables, in whichever organization.
 * FRAME_RUNS runs so many random documents instead of a few.
 */
import * as fc from 'fast-check';
import { type DocumentNode, GraphQLInterfaceType, parse, validate } from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LiveEvent } from '../src/chat/live/port.ts';
import { createContext } from './context.ts';
import { schema } from './index.ts';
import { type Frames, openFrames, type Subscriber } from './testing/frames.ts';
import { openSide, type Side } from './testing/frames-scene.ts';
import { RandomDocument } from './testing/random-document.ts';
import { openWorld, type World } from './testing/world.ts';

const RUNS = Number(process.env.FRAME_RUNS ?? 15);

let world: World;
let acme: Side;
let evil: Side;
let frames: Frames;

beforeAll(async () => {
  world = await openWorld();
  acme = await openSide(world, 'acme');
  evil = await openSide(world, 'evil');
  frames = openFrames(world);
});

afterAll(() => world.close());

const possibleTypes = (): ReadonlySet<string> => {
  const event = schema.getType('Event');
  if (!(event instanceof GraphQLInterfaceType)) throw new Error('no Event');
  return new Set(schema.getPossibleTypes(event).map(({ name }) => name));
};

const eventsOf = (side: Side): readonly LiveEvent[] =>
  side.events.filter(({ type }) => possibleTypes().has(type));

test('the scene has an event of every type', () => {
  const [ada] = acme.people;
  if (ada === undefined) throw new Error('nobody');
  const there = new Set([...acme.events, ...acme.own(ada)].map(({ type }) => type));
  expect(possibleTypes().difference(there)).toEqual(new Set());
});

const variables = fc.record(
  {
    b1: fc.boolean(),
    b2: fc.boolean(),
    first: fc.integer({ min: 0, max: 8 }),
    number: fc.integer({ min: 0, max: 1 }),
    after: fc.subarray(['x', 'y', 'z']),
    limit: fc.integer({ min: 0, max: 5 }),
  },
  { requiredKeys: ['b1', 'b2'] },
);

const subscriber = fc.record({
  isEvil: fc.nat(3).map((n) => n === 0),
  /** Among them one who is a member of nothing, and the same person twice. */
  person: fc.constantFrom(0, 0, 1, 6, 7),
  operationName: fc.constantFrom('A', 'A', 'A', 'B'),
  variables,
});

const drawn = fc.record({
  g: fc.gen(),
  /** A few sets of variables, so that several have the same. */
  shared: variables,
  subscribers: fc.array(
    fc.tuple(
      subscriber,
      fc.nat(3).map((n) => n > 0),
    ),
    { minLength: 3, maxLength: 7 },
  ),
  picked: fc.infiniteStream(fc.nat(3)).map((stream) => [...stream.take(60)]),
});
type Drawn = typeof drawn extends fc.Arbitrary<infer T> ? T : never;

function subscribersOf({ subscribers, shared, picked }: Drawn): Subscriber[] {
  return subscribers.map(([{ isEvil, person, operationName, variables: own }, isLikeOthers], i) => {
    const side = isEvil ? evil : acme;
    const viewer = side.people[person];
    if (viewer === undefined) throw new Error('nobody');
    // Objects anew for each run: what was rendered before is not what is looked for.
    const events = fresh(side).filter((_, n) => picked[n] === 0);
    return {
      viewer,
      connectionId: `connection-${i}`,
      operationName,
      variables: isLikeOthers ? shared : own,
      script: [...events, ...side.own(viewer)],
    };
  });
}

let round = new Map<Side, LiveEvent[]>();
function fresh(side: Side): readonly LiveEvent[] {
  const events = round.get(side) ?? eventsOf(side).map((event) => ({ ...event }));
  round.set(side, events);
  return events;
}

/** Compares every frame of one random document. */
async function compare(through: Frames, one: Drawn): Promise<void> {
  round = new Map();
  const document = parse(new RandomDocument(schema, one.g).text());
  fc.pre(validate(schema, document).length === 0);
  const subscribers = subscribersOf(one);
  const expected: (readonly string[])[] = [];
  for (const each of subscribers) expected.push(await through.plain(document, each));
  // With an error inside, a kept event ends the subscription: that is tested elsewhere.
  fc.pre(expected.every((all) => all.every((json) => !json.includes('"errors":'))));
  const received = await through.followed(document, subscribers);
  expect(received.map(({ frames: all }) => all)).toEqual(expected);
  expect(received.map(({ end }) => end)).toEqual(subscribers.map(() => 'DONE'));
}

const property = (through: () => Frames) => fc.asyncProperty(drawn, (one) => compare(through(), one));

test('every frame is what plain execution gives that subscriber', {
  timeout: 30_000 + RUNS * 2_000,
}, async () => {
  await fc.assert(
    property(() => frames),
    { numRuns: RUNS, maxSkipsPerRun: 50 },
  );
  // Both ways were gone, or nothing was compared.
  expect(frames.counted.all).toBeGreaterThan(RUNS);
  expect(frames.counted.each).toBeGreaterThan(0);
});

test('it is seen when what one viewer is shown goes to all', { timeout: 60_000 }, async () => {
  const mistaken = openFrames(world, (contexts, chat) => ({
    ...contexts,
    forAll: (viewer) => ({
      value: createContext({ viewer, connectionId: null, chat }),
      wasViewerAsked: false,
    }),
  }));
  const found = await fc.check(
    property(() => mistaken),
    { numRuns: 200, maxSkipsPerRun: 50, endOnFailure: true },
  );
  expect(found.failed).toBe(true);
});

/** What a real client asks for, of pages and of events alike. */
const CLIENT = parse(`
  subscription A($after: [String!]) {
    events(after: $after) {
      __typename channelId cursor
      ... on MessagePosted { message { ...Shown } }
      ... on MessageUpdated { change message { ...Shown } }
      ... on ReactionChanged { messageId emoji count isAdded user { id name } }
      ... on MembershipUpdated { membership { id checkpoint unreadCount } }
    }
  }
  fragment Shown on Message {
    id seq text metadata createdAt editedAt deletedAt isPinned replyCount
    channel { id head }
    author { id name avatarUrl }
    mentions { kind start length user { id handle } }
    reactions { emoji count viewerHasReacted users(first: 3) { id name } }
    thread { id viewerMembership { id checkpoint } }
  }
`);

const all = (script: readonly LiveEvent[]): Subscriber[] =>
  acme.people.map((viewer, i) => ({
    viewer,
    connectionId: `c-${i}`,
    operationName: 'A',
    variables: { after: [`${i}`] },
    script,
  }));

async function executions(script: readonly LiveEvent[]): Promise<{ all: number; each: number }> {
  const before = { ...frames.counted };
  const subscribers = all(script);
  const received = await frames.followed(CLIENT, subscribers);
  for (const [i, subscriber] of subscribers.entries()) {
    expect(received[i]).toEqual({ frames: await frames.plain(CLIENT, subscriber), end: 'DONE' });
  }
  return { all: frames.counted.all - before.all, each: frames.counted.each - before.each };
}

test('with the fragment of a real client, what was posted is executed once for all', async () => {
  // Nobody has reacted to the last two yet.
  const posted = fresh(acme).filter(
    ({ type, channelId }) => type === 'MessagePosted' && channelId === acme.channelId,
  );
  expect(await executions(posted.slice(1))).toEqual({ all: 3, each: 0 });
  const reacted = { type: 'ReactionChanged', seq: 1, emoji: 'x', count: 1, isAdded: true } as const;
  const { channelId, cursor } = acme.reactedTo;
  const [, grace] = acme.people;
  if (grace === undefined || channelId === null || cursor === null) throw new Error('the scene is empty');
  expect(await executions([{ ...reacted, channelId, cursor, userId: grace.userId }])).toEqual({
    all: 1,
    each: 0,
  });
});

test('what shows each viewer something else is executed for each, and the stores are asked once for all', async () => {
  const subscribers = all([{ ...acme.reactedTo }]);
  world.calls.take();
  const counted = { ...frames.counted };
  const received = await frames.followed(CLIENT, subscribers);
  // Two follow its thread; of the six others, all who are members have reacted alike.
  expect({ all: frames.counted.all - counted.all, each: frames.counted.each - counted.each }).toEqual({
    all: 1,
    each: 4,
  });
  expect(world.calls.take()).toMatchObject({
    'projections.reactionRevs': 1,
    'memberships.ofUsers': 1,
  });
  const has = received.map(({ frames: [json = ''] }) =>
    JSON.parse(json).data.events.message.reactions.map(
      (reaction: { viewerHasReacted: boolean }) => reaction.viewerHasReacted,
    ),
  );
  // Seven of the eight, of whom five lie with the message; and one of them with another emoji too.
  expect(has).toEqual(subscribers.map((_, i) => [i < 7, i === 1]));
});

const shownBy = (text: string) =>
  parse(`
  subscription A { events { __typename channelId cursor ... on MessageUpdated { message { ${text} } } } }
`);

async function eachOf(
  document: DocumentNode,
  script: readonly LiveEvent[],
  from: Frames = frames,
): Promise<number> {
  const before = from.counted.each;
  const subscribers = all(script);
  const received = await from.followed(document, subscribers);
  for (const [i, subscriber] of subscribers.entries()) {
    expect(received[i]?.frames).toEqual(await from.plain(document, subscriber));
  }
  return from.counted.each - before;
}

test('who answers alike what an event asks of its viewer is shown the same, executed once', async () => {
  const reactions = shownBy('reactions { emoji count viewerHasReacted }');
  // Of the eight, one reacted in two ways, six in one of them, and one not at all.
  expect(await eachOf(reactions, [{ ...acme.reactedTo }])).toBe(3);
});

test("a membership is nobody else's, and to have none is alike", async () => {
  const memberships = shownBy('channel { viewerMembership { id checkpoint } }');
  const members = acme.people.length - 1;
  expect(await eachOf(memberships, [{ ...acme.reactedTo }])).toBe(members + 1);
});
