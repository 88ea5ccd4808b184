/** Ten thousand reactions to one message: what it shows, what its row holds and what reading it costs stay small. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { uuidOf } from '../resolvers/global-id.ts';
import { askReaction } from '../src/chat/changes/asked.ts';
import { uuidv7 } from '../src/chat/ids.ts';
import { changeSendKey } from '../src/chat/log/entries.ts';
import type { Viewer } from '../src/chat/viewer.ts';
import { newChannel, post } from './testing/acts.ts';
import { mutationsOn } from './testing/mutations.ts';
import { openWorld, type World } from './testing/world.ts';

const REACTIONS = 10_000;
/** Of the first ones: people whom the answer can name. The others are ids alone, as of people who are gone. */
const NAMED = 210;

let world: World;
let ada: Viewer;
let late: Viewer;
let id: string;
let channelId: string;
let messageId: string;
let first: readonly Viewer[];

const { react, unreact } = mutationsOn(() => world);

/** As the use case does it, without asking ten thousand times who may. */
async function fill(userIds: readonly string[]): Promise<void> {
  const channel = { organizationId: ada.tenant.organizationId, channelId };
  for (let done = 0; done < userIds.length; done += 200) {
    await Promise.all(
      userIds.slice(done, done + 200).map((actorId) =>
        world.ports.changes.append(channel, {
          sendKey: changeSendKey(actorId, uuidv7(Date.now())),
          entry: askReaction({ seq: 1, actorId }, '🎉', true),
          bytes: 800,
          searchBack: 'ONE_BUCKET',
        }),
      ),
    );
  }
}

beforeAll(async () => {
  world = await openWorld();
  ada = await world.person('acme', 'ada');
  late = await world.person('acme', 'late');
  id = await newChannel(world, ada);
  channelId = uuidOf('Channel', id);
  await world.chat.channels.join(late, channelId);
  messageId = await post(world, ada, id, 'We have landed.');
  const people: Viewer[] = [];
  for (let i = 0; i < NAMED; i += 1) people.push(await world.person('acme', `fan-${i}`));
  first = people;
  // One by one where the order is looked at, then as fast as it goes.
  for (const { userId } of first.slice(0, 10)) await fill([userId]);
  await fill(first.slice(10).map(({ userId }) => userId));
  await fill(Array.from({ length: REACTIONS - NAMED }, () => uuidv7(Date.now())));
}, 240_000);

afterAll(() => world.close());

async function look(viewer: Viewer, fields: string) {
  const { data, errors } = await world.run(
    viewer,
    `query ($id: ID!) { channel(id: $id) { message(seq: 1) { reactions { ${fields} } } } }`,
    { id },
  );
  expect(errors).toEqual([]);
  return data.channel.message.reactions;
}

test('the count is exact, and the first who reacted come in order', async () => {
  const [reaction, ...others] = await look(ada, 'emoji count users { handle }');
  expect(others).toEqual([]);
  expect(reaction).toEqual({
    emoji: '🎉',
    count: REACTIONS,
    users: first.slice(0, 5).map(({ handle }) => ({ handle })),
  });
  const [{ users }] = await look(ada, 'users(first: 200) { handle }');
  expect(users).toHaveLength(200);
  expect(users.slice(0, 10)).toEqual(first.slice(0, 10).map(({ handle }) => ({ handle })));
  expect((await look(ada, 'users(first: 0) { handle }'))[0].users).toEqual([]);
});

test('more than 200 people, or fewer than none, are refused', async () => {
  for (const count of [-1, 201]) {
    const { codes } = await world.run(
      ada,
      `query ($id: ID!) { channel(id: $id) { message(seq: 1) { reactions { users(first: ${count}) { id } } } } }`,
      { id },
    );
    expect(codes).toEqual(['BAD_USER_INPUT']);
  }
});

test('the message’s row holds a few of them, and so does what is told of the next', async () => {
  const key = { organizationId: ada.tenant.organizationId, channelId };
  const [row] = await world.ports.messages.range(key, 1, 1);
  expect(JSON.stringify(row).length).toBeLessThan(2_000);
  const head = (await world.ports.changes.heads([key]))[0] ?? 0;
  const [change] = await world.ports.changes.range(key, head, head);
  expect(change?.entry.reaction?.count).toBe(REACTIONS);
  expect(JSON.stringify(change).length).toBeLessThan(2_000);
});

test('one more is told from all of them in one question, counted, and taken back', async () => {
  expect((await look(late, 'viewerHasReacted'))[0].viewerHasReacted).toBe(false);
  const added = await react(late, { messageId, emoji: '🎉' });
  expect(added.data.addReaction.message.reactions).toMatchObject([
    { count: REACTIONS + 1, viewerHasReacted: true },
  ]);
  world.calls.take();
  expect((await look(late, 'viewerHasReacted'))[0].viewerHasReacted).toBe(true);
  expect(world.calls.take()['projections.reactionRevs']).toBe(1);
  // The first of all takes it back: the next in line is shown.
  await world.chat.channels.join(first[0] ?? ada, channelId);
  await unreact(first[0] ?? ada, { messageId, emoji: '🎉' });
  const [reaction] = await look(ada, 'count users { handle }');
  expect(reaction).toEqual({
    count: REACTIONS,
    users: first.slice(1, 6).map(({ handle }) => ({ handle })),
  });
});

test('changing such a message costs no more calls than changing any other', async () => {
  const other = await post(world, ada, id, 'nobody reacted');
  const cost = async (message: string) => {
    await react(ada, { messageId: message, emoji: ':warm:' });
    world.calls.take();
    const { codes } = await react(ada, { messageId: message, emoji: '🎉' });
    expect(codes).toEqual([]);
    const {
      'channels.touchActivity': _,
      'outbox.due': __,
      'memberships.advance': ___,
      ...calls
    } = world.calls.take();
    return Object.values(calls).reduce((sum, count) => sum + count, 0);
  };
  const few = await cost(other);
  // At most one question more: who comes after the few that the row holds.
  expect(await cost(messageId)).toBeLessThanOrEqual(few + 2);
});
