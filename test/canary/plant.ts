/**
 * The canary: an organization with something in every place that there is, every word of it recognisable. And what a thief has of it:
 * all its ids and cursors, but for a part that is kept from everybody.
 */
import { randomUUID } from 'node:crypto';
import { request } from '../e2e/requests.ts';
import { Loot } from './loot.ts';
import { Needles } from './needles.ts';
import type { Stage } from './stage.ts';

/** In every word that people of the canary say. */
export const SONG = 'kanarienlied';
export const CANARY = 'goldvogel';
/** Guessable: people are called so everywhere. */
export const HANDLES = ['anna-im-haus', 'bert-im-haus'] as const;
const CHANNEL_HANDLE = 'plan-im-haus';

export interface Canary {
  /** What a thief has. */
  readonly loot: Loot;
  /** What nobody else may hear: words, ids that were stolen, ids that were not. */
  readonly needles: Needles;
  /** What no log may hold: what people say, what they are called, and what they sign in with. */
  readonly unloggable: Needles;
  readonly tokens: readonly string[];
  readonly handles: readonly string[];
  readonly clientIds: readonly string[];
  /** Something happens that others may not hear of. */
  stir(n: number): Promise<void>;
}

const ALL = `
  fragment U on User { id handle name avatarUrl presence organization { id slug name } }
  fragment M on Message { id seq text metadata clientMessageId author { ...U } mentions { kind user { id } }
    reactions { id emoji users { id } } thread { id messages(first: 3) { position edges { cursor node { id text } } } } }
  fragment C on Channel { id handle name topic type members(first: 9) { edges { cursor node { id user { ...U } } } }
    messages(first: 9) { position pageInfo { startCursor endCursor } edges { cursor node { ...M } } }
    pins(first: 9) { edges { cursor node { id } } } lastMessage { id } cursorOf(seq: 1) viewerMembership { id title } }
  { viewer { id organization { id slug name } user { ...U }
      memberships(first: 9) { edges { cursor node { id channel { ...C } } } }
      notifications(first: 9) { edges { cursor node { id message { id } } } } }
    channels(first: 9) { edges { cursor node { ...C } } } users(first: 9) { edges { cursor node { ...U } } } }`;

export async function plantCanary(stage: Stage): Promise<Canary> {
  const [anna, bert] = await Promise.all(
    HANDLES.map((handle) => stage.token(CANARY, handle, { handle, name: `${SONG} ${handle}` })),
  );
  if (anna === undefined || bert === undefined) throw new Error('nobody is there');
  const url = stage.places[0]?.url ?? '';
  const ask = <Data>(token: string, query: string, variables: object = {}): Promise<Data> =>
    request<Data>(url, token, query, variables);
  const act = async (token: string, name: string, type: string, answer: string, input: object) => {
    const data = await ask<Record<string, unknown>>(
      token,
      `mutation ($input: ${type}!) { done: ${name}(input: $input) { ${answer} } }`,
      { input },
    );
    return data.done;
  };
  const clientIds: string[] = [];
  const say = async (token: string, channelId: string, what: string, more: object = {}): Promise<string> => {
    const clientMessageId = randomUUID();
    clientIds.push(clientMessageId);
    const input = {
      channelId,
      text: `${SONG} ${what}`,
      clientMessageId,
      metadata: { [SONG]: SONG },
      ...more,
    };
    const done = (await act(token, 'sendMessage', 'SendMessageInput', 'message { id }', input)) as {
      message: { id: string };
    };
    return done.message.id;
  };
  const make = async (input: object): Promise<string> => {
    const done = (await act(anna, 'createChannel', 'CreateChannelInput', 'channel { id }', input)) as {
      channel: { id: string };
    };
    return done.channel.id;
  };

  const me = '{ viewer { user { id } } }';
  const bertId = (await ask<{ viewer: { user: { id: string } } }>(bert, me)).viewer.user.id;
  await ask(anna, me);
  await act(anna, 'updateProfile', 'UpdateProfileInput', 'user { id }', {
    name: `${SONG} Anna`,
    avatarUrl: `https://${SONG}.example/anna.png`,
  });
  const named = { topic: `${SONG} topic`, memberIds: [bertId] };
  const open = await make({ name: `${SONG} open`, handle: CHANNEL_HANDLE, visibility: 'PUBLIC', ...named });
  const closed = await make({ name: `${SONG} closed`, visibility: 'PRIVATE', ...named });
  // Never handed to the thief: were it to come up anywhere, nobody could have guessed it.
  const hidden = await make({ name: `${SONG} hidden`, visibility: 'PRIVATE', ...named });
  const dm = (await act(anna, 'openDirectMessage', 'OpenDirectMessageInput', 'channel { id }', {
    userIds: [bertId],
  })) as { channel: { id: string } };
  const first: string[] = [];
  for (const channelId of [open, closed, hidden, dm.channel.id]) {
    const id = await say(anna, channelId, `one for @${HANDLES[1]}`);
    first.push(id);
    await say(bert, channelId, 'two');
    await say(bert, channelId, 'in the thread', { threadRootId: id });
    await act(bert, 'addReaction', 'ReactionInput', 'message { id }', { messageId: id, emoji: '❤️' });
    await act(bert, 'pinMessage', 'MessageInput', 'message { id }', { messageId: id });
    const edit = { messageId: id, text: `${SONG} once more @${HANDLES[1]}`, clientChangeId: randomUUID() };
    await act(anna, 'editMessage', 'EditMessageInput', 'message { id }', edit);
    const signal = { channelId, name: SONG, key: SONG, payload: { [SONG]: SONG }, retain: true };
    await act(bert, 'sendSignal', 'SendSignalInput', 'accepted', signal);
  }

  const all = new Loot();
  for (const token of [anna, bert]) all.take(await ask(token, ALL));
  const ofHidden = new Loot();
  ofHidden.take(
    await ask(
      anna,
      `query ($id: ID!) { channel(id: $id) { id members(first: 9) { edges { cursor node { id } } } viewerMembership { id }
        messages(first: 9) { position edges { cursor node { id thread { id } } } } } }`,
      { id: hidden },
    ),
  );
  // A thread and its root, a place and its channel: whatever shares a UUID with what is hidden is hidden too, but for people.
  const people = new Set(all.of('User').flatMap((id) => [...uuidsOf(id)]));
  const secret = new Set([...ofHidden.uuids()].filter((uuid) => !people.has(uuid)));
  const loot = new Loot();
  for (const one of all.all()) if (![...uuidsOf(one)].some((uuid) => secret.has(uuid))) loot.take(one);

  let turn = 0;
  return {
    loot,
    needles: new Needles([SONG, CANARY, ...all.uuids(), ...clientIds]),
    unloggable: new Needles([SONG, ...HANDLES, anna, bert]),
    tokens: [anna, bert],
    handles: [...HANDLES, CHANNEL_HANDLE],
    clientIds,
    stir: async (n) => {
      const token = n % 2 === 0 ? anna : bert;
      const channelId = [open, closed, hidden][n % 3] ?? open;
      const messageId = first[n % 3] ?? '';
      const kind = turn++ % 5;
      if (kind === 0) await say(token, channelId, `stir ${n} @${HANDLES[(n + 1) % 2]}`);
      if (kind === 1) await act(token, 'startTyping', 'ChannelInput', 'accepted', { channelId });
      if (kind === 2) {
        const signal = { channelId, name: SONG, key: SONG, payload: { [SONG]: n }, retain: n % 2 === 0 };
        await act(token, 'sendSignal', 'SendSignalInput', 'accepted', signal);
      }
      if (kind === 3) {
        const emoji = ['👍', '🎉', '🦊'][n % 3];
        await act(token, n % 2 === 0 ? 'addReaction' : 'removeReaction', 'ReactionInput', 'message { id }', {
          messageId,
          emoji,
        });
      }
      if (kind === 4) {
        const presence = n % 2 === 0 ? 'AWAY' : 'ACTIVE';
        await act(token, 'setPresence', 'SetPresenceInput', 'accepted', { presence });
      }
    },
  };
}

const uuidsOf = (value: string): ReadonlySet<string> => {
  const loot = new Loot();
  loot.take(value);
  return loot.uuids();
};
