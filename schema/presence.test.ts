/** Presence, typing and signals over GraphQL: who is shown to whom, and what is refused. */
import { createSourceEventStream, execute, parse } from 'graphql';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { encodeId, uuidOf } from '../resolvers/global-id.ts';
import { uuidv7 } from '../src/chat/ids.ts';
import type { LiveEvent, Signal } from '../src/chat/live/port.ts';
import type { Viewer } from '../src/chat/viewer.ts';
import { createContext } from './context.ts';
import { schema } from './index.ts';
import { newChannel } from './testing/acts.ts';
import { openCast } from './testing/cast.ts';
import type { Answer, World } from './testing/world.ts';

let world: World;
let ada: Viewer;
let grace: Viewer;
let alan: Viewer;
let boss: Viewer;
let mallory: Viewer;

beforeAll(async () => {
  ({ world, ada, grace, alan, boss, mallory } = await openCast());
});
afterAll(() => world.close());

const idOf = ({ userId }: Viewer): string => encodeId('User', userId);
const personOf = ({ tenant, userId }: Viewer) => ({ organizationId: tenant.organizationId, userId });
const USERS = 'query ($ids: [ID!]!) { nodes(ids: $ids) { ... on User { handle presence } } }';
const shown = async (viewer: Viewer, ...people: Viewer[]): Promise<Record<string, string>> => {
  const { data } = await world.run(viewer, USERS, { ids: people.map(idOf) });
  const users: { handle: string; presence: string }[] = data.nodes.filter(Boolean);
  return Object.fromEntries(users.map(({ handle, presence }) => [handle, presence]));
};

describe('User.presence', () => {
  test('of many people in one read; people of other organizations are not there at all', async () => {
    world.presence.connections.came(personOf(ada), 'c1');
    world.presence.connections.came(personOf(mallory), 'c2');
    await vi.waitFor(async () => expect(await shown(ada, ada)).toEqual({ ada: 'ACTIVE' }));
    world.calls.take();
    expect(await shown(grace, ada, grace, mallory)).toEqual({ ada: 'ACTIVE', grace: 'OFFLINE' });
    expect(world.calls.take()['ephemeral.presence']).toBe(1);
    // The same user id, asked for under another organization, is nobody.
    expect(await world.presence.of(mallory.tenant.organizationId, [ada.userId])).toEqual(['OFFLINE']);
    world.presence.connections.went(personOf(ada), 'c1');
    world.presence.connections.went(personOf(mallory), 'c2');
    await vi.waitFor(async () => expect(await shown(ada, ada)).toEqual({ ada: 'OFFLINE' }));
  });
});

test('setPresence concerns the connection it comes over, or, without one, all of them', async () => {
  const SET = 'mutation ($p: Presence!) { setPresence(input: { presence: $p }) { accepted } }';
  const over = async (connectionId: string | null, p: string) => {
    const contextValue = createContext({ viewer: alan, connectionId, chat: world.chat });
    const result = await execute({ schema, document: parse(SET), variableValues: { p }, contextValue });
    return JSON.parse(JSON.stringify(result)).data.setPresence.accepted;
  };
  const becomes = (presence: string) =>
    vi.waitFor(async () => expect(await shown(ada, alan)).toEqual({ alan: presence }));
  world.presence.connections.came(personOf(alan), 'c1');
  world.presence.connections.came(personOf(alan), 'c2');
  await becomes('ACTIVE');
  expect(await over('c1', 'AWAY')).toBe(true);
  expect(await over('c2', 'AWAY')).toBe(true);
  await becomes('AWAY');
  expect(await over('c2', 'ACTIVE')).toBe(true);
  await becomes('ACTIVE');
  expect(await over(null, 'OFFLINE')).toBe(true);
  await becomes('OFFLINE');
  expect(await over('gone', 'ACTIVE')).toBe(false);
  await over(null, 'ACTIVE');
  await becomes('ACTIVE');
  world.presence.connections.went(personOf(alan), 'c1');
  world.presence.connections.went(personOf(alan), 'c2');
  await becomes('OFFLINE');
});

describe('the presence subscription', () => {
  const PRESENCE = 'subscription ($ids: [ID!]!) { presence(userIds: $ids) { user { handle } presence } }';

  async function open(viewer: Viewer | null, ids: readonly string[]) {
    const contextOf = () => createContext({ viewer, connectionId: 'c', chat: world.chat });
    const args = { schema, document: parse(PRESENCE), variableValues: { ids } };
    const source = await createSourceEventStream({ ...args, contextValue: contextOf() });
    if (!(Symbol.asyncIterator in source)) throw source.errors?.[0]?.originalError ?? source.errors?.[0];
    const stream = source[Symbol.asyncIterator]();
    return {
      next: async (): Promise<string> => {
        const { value: rootValue } = await stream.next();
        const result = await execute({ ...args, rootValue, contextValue: contextOf() });
        const { user, presence } = JSON.parse(JSON.stringify(result)).data.presence;
        return `${user.handle} ${presence}`;
      },
      stop: () => stream.return?.(),
    };
  }

  test('gives everybody once, those of the organization alone, and then what changes', async () => {
    world.presence.connections.came(personOf(grace), 'c1');
    await vi.waitFor(async () => expect(await shown(ada, grace)).toEqual({ grace: 'ACTIVE' }));
    const nobody = encodeId('User', uuidv7(1));
    const ids = [idOf(ada), nobody, idOf(mallory), idOf(grace), idOf(ada)];
    world.calls.take();
    const stream = await open(boss, ids);
    expect([await stream.next(), await stream.next()]).toEqual(['ada OFFLINE', 'grace ACTIVE']);
    // Who they are was read once, for all of them.
    expect(world.calls.take()['users.byIds']).toBe(1);
    const next = stream.next();
    world.presence.connections.came(personOf(mallory), 'c2');
    world.presence.connections.came(personOf(ada), 'c3');
    expect(await next).toBe('ada ACTIVE');
    await stream.stop();
    expect(world.presence.stats()).toMatchObject({ watched: 0, subscriptions: 0 });
    for (const [viewer, id] of [
      [grace, 'c1'],
      [mallory, 'c2'],
      [ada, 'c3'],
    ] as const) {
      world.presence.connections.went(personOf(viewer), id);
    }
  });

  test('refuses more than 500 people, ids that are none, and people who are not signed in', async () => {
    const ids = Array.from({ length: 501 }, (_, i) => encodeId('User', uuidv7(i)));
    world.calls.take();
    await expect(open(ada, ids)).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
    await expect(open(ada, ['ada'])).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
    await expect(open(null, [idOf(ada)])).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(world.calls.take()).toEqual({});
    const stream = await open(ada, ids.slice(0, 500));
    await stream.stop();
  });
});

describe('typing and signals', () => {
  const TYPE = 'mutation ($id: ID!) { startTyping(input: { channelId: $id }) { accepted } }';
  const SEND = 'mutation ($input: SendSignalInput!) { sendSignal(input: $input) { accepted } }';
  const told = (method: string, channelId: string): unknown[] =>
    world.published
      .filter((one) => one.method === method)
      .map((one) => one.what as { channel: { channelId: string } })
      .filter(({ channel }) => channel.channelId === uuidOf('Channel', channelId));
  const send = (viewer: Viewer, input: object): Promise<Answer> => world.run(viewer, SEND, { input });

  test('members tell; what is foreign or unknown answers alike', async () => {
    const id = await newChannel(world, ada, { visibility: 'PRIVATE' });
    expect((await world.run(ada, TYPE, { id })).data).toEqual({ startTyping: { accepted: true } });
    expect((await world.run(ada, TYPE, { id })).data).toEqual({ startTyping: { accepted: true } });
    expect(told('typing', id)).toHaveLength(1);
    const input = { channelId: id, name: 'move', payload: { x: [1, { y: 2 }] }, key: 'board' };
    expect((await send(ada, input)).data).toEqual({ sendSignal: { accepted: true } });
    expect(told('signal', id)).toMatchObject([
      { signal: { userId: ada.userId, name: 'move', payload: { x: [1, { y: 2 }] }, key: 'board' } },
    ]);
    const unknown = encodeId('Channel', uuidv7(1));
    const refusals = [];
    for (const [viewer, channelId] of [
      [grace, id],
      [mallory, id],
      [ada, unknown],
    ] as const) {
      for (const answer of [
        await world.run(viewer, TYPE, { id: channelId }),
        await send(viewer, { ...input, channelId }),
      ]) {
        refusals.push(`${answer.codes[0]} ${answer.errors[0]?.message}`);
      }
    }
    expect(new Set(refusals).size).toBe(1);
    expect(refusals[0]).toMatch(/^NOT_FOUND/);
    expect(told('signal', id)).toHaveLength(1);
  });

  test('a public channel is told by its members alone, an archived one by nobody', async () => {
    const id = await newChannel(world, ada);
    expect((await world.run(grace, TYPE, { id })).codes).toEqual(['FORBIDDEN']);
    expect((await send(grace, { channelId: id, name: 'n' })).codes).toEqual(['FORBIDDEN']);
    await world.run(
      ada,
      'mutation ($id: ID!) { archiveChannel(input: { channelId: $id }) { channel { id } } }',
      {
        id,
      },
    );
    expect((await world.run(ada, TYPE, { id })).codes).toEqual(['FORBIDDEN']);
    expect((await send(ada, { channelId: id, name: 'n' })).codes).toEqual(['FORBIDDEN']);
    expect(told('signal', id)).toEqual([]);
  });

  test('what is too large is refused, too many are told when to come back', async () => {
    const channelId = await newChannel(world, alan);
    const payload = { text: 'x'.repeat(4_096) };
    expect((await send(alan, { channelId, name: 'n', payload })).codes).toEqual(['BAD_USER_INPUT']);
    expect((await send(alan, { channelId, name: '' })).codes).toEqual(['BAD_USER_INPUT']);
    // However slow the machine, no time goes by between them.
    vi.useFakeTimers({ toFake: ['performance'] });
    for (let i = 0; i < 100; i += 1) expect((await send(alan, { channelId, name: 'n' })).codes).toEqual([]);
    const { codes, errors } = await send(alan, { channelId, name: 'n' });
    vi.useRealTimers();
    expect(codes).toEqual(['RATE_LIMITED']);
    expect(errors[0]?.extensions).toMatchObject({ retryable: true, retryAfterMs: expect.any(Number) });
  });

  test('events of both are shown as what they are', async () => {
    const id = await newChannel(world, ada);
    const channelId = uuidOf('Channel', id);
    const signal: Signal = { userId: grace.userId, name: 'n', payload: { a: 1 }, key: 'k', sentAt: 0 };
    const events: LiveEvent[] = [
      { type: 'TypingStarted', channelId, cursor: null, userId: grace.userId },
      { type: 'SignalSent', channelId, cursor: null, signal },
      { type: 'SignalSent', channelId, cursor: null, signal: { ...signal, payload: null, key: null } },
    ];
    const EVENTS = `subscription { events { __typename channelId cursor
      ... on TypingStarted { user { handle } }
      ... on SignalSent { user { handle } name payload key sentAt } } }`;
    const answers = await world.follow(ada, EVENTS, {}, events);
    const common = { channelId: id, cursor: null, user: { handle: 'grace' } };
    const sent = { __typename: 'SignalSent', ...common, name: 'n', sentAt: '1970-01-01T00:00:00.000Z' };
    expect(answers.map(({ data }) => data.events)).toEqual([
      { __typename: 'TypingStarted', ...common },
      { ...sent, payload: { a: 1 }, key: 'k' },
      { ...sent, payload: null, key: null },
    ]);
  });
});
