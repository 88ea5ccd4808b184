/** Two organizations with a channel each in which everything has happened, and an event of every type. */
import { encodeId, uuidOf } from '../../resolvers/global-id.ts';
import { encodeEventCursor } from '../../src/chat/cursors/cursor.ts';
import type { LiveEvent } from '../../src/chat/live/port.ts';
import type { Viewer } from '../../src/chat/viewer.ts';
import { newChannel, post, say, userId } from './acts.ts';
import type { World } from './world.ts';

export interface Side {
  /** The first two are members of everything; the last is a member of nothing. */
  readonly people: readonly Viewer[];
  readonly channelId: string;
  /** The same objects for everybody, as the hub hands them out. */
  readonly events: readonly LiveEvent[];
  /** One with reactions of more people than lie with the message, told as changed. */
  readonly reactedTo: LiveEvent;
  readonly posted: LiveEvent;
  /** What only this person is told: news of their membership, and that they were mentioned. */
  own(viewer: Viewer): readonly LiveEvent[];
}

const MANY = 7;

export async function openSide(world: World, organization: string): Promise<Side> {
  const names = ['ada', 'grace', 'kay', 'edsger', 'tony', 'barbara', 'leslie', 'alan'];
  const people: Viewer[] = [];
  for (const name of names) people.push(await world.person(organization, name, { name: name.toUpperCase() }));
  const [ada, grace] = people;
  if (ada === undefined || grace === undefined) throw new Error('nobody is there');
  const id = await newChannel(world, ada, { name: 'General' });
  const channelId = uuidOf('Channel', id);
  for (const viewer of people.slice(1, MANY)) await world.chat.channels.join(viewer, channelId);
  await post(world, ada, id, 'hello @grace and @channel', { metadata: { blocks: [1, { deep: true }] } });
  for (const text of ['to be edited', 'to be deleted', 'to be pinned']) await say(world, grace, id, text);
  await post(world, grace, id, 'a reply', { threadRootId: encodeId('Message', `${channelId}:1`) });
  const at = (seq: number) => ({ channelId, seq });
  const { messages } = world.chat;
  for (const viewer of people.slice(0, MANY)) await messages.react(viewer, { ...at(1), emoji: '🎉' }, true);
  await messages.react(grace, { ...at(1), emoji: '👍' }, true);
  await messages.edit(grace, { ...at(2), text: 'edited for @ada', clientChangeId: null });
  await messages.delete(grace, at(3));
  await messages.setPinned(grace, at(4), true);
  const dm = await world.chat.channels.openDirectMessage(ada, [grace.userId]);
  await say(world, ada, encodeId('Channel', dm.id), 'between us');
  await userId(world, ada);

  const { organizationId } = ada.tenant;
  const key = { organizationId, channelId };
  const rows = await world.messages.port.range(key, 1, 10);
  const [dmRow] = await world.messages.port.range({ organizationId, channelId: dm.id }, 1, 1);
  const [rev = 0] = await world.changes.port.heads([key]);
  if (dmRow === undefined) throw new Error('the conversation is empty');
  const kept = (seq: number, of = channelId) => ({
    channelId: of,
    cursor: encodeEventCursor({ channelId: of, epoch: 1, seq, rev: of === channelId ? rev : 0 }),
  });
  const reactedTo = { type: 'MessageUpdated', ...kept(4), seq: 1, change: 'SEVERAL' } as const;
  const posted = rows.map((row): LiveEvent => ({ type: 'MessagePosted', ...kept(row.seq), row }));
  const signal = {
    userId: grace.userId,
    name: 'cursor',
    payload: { x: 1 },
    key: 'k',
    sentAt: Date.UTC(2026, 10, 23),
  };
  const events: LiveEvent[] = [
    { type: 'Ready', channelId: null, cursor: null, connectionId: 'c-1' },
    { type: 'Positions', channelId: null, cursor: null, positions: [kept(4)] },
    { type: 'HistorySkipped', ...kept(1), after: 'a', before: 'b', count: 7 },
    ...posted,
    { type: 'MessagePosted', ...kept(1, dm.id), row: dmRow },
    reactedTo,
    { type: 'MessageUpdated', ...kept(4), seq: 2, change: 'EDITED' },
    { type: 'MessageUpdated', ...kept(4), seq: 3, change: 'DELETED' },
    { type: 'MessageUpdated', channelId, cursor: null, seq: 1, change: 'THREAD' },
    {
      type: 'ReactionChanged',
      ...kept(4),
      seq: 1,
      emoji: '👍',
      count: 1,
      userId: grace.userId,
      isAdded: true,
    },
    { type: 'MemberJoined', ...kept(4), userId: grace.userId },
    { type: 'MemberLeft', ...kept(4), userId: grace.userId },
    { type: 'ChannelUpdated', ...kept(4) },
    { type: 'CaughtUp', ...kept(4) },
    { type: 'PositionReset', ...kept(4) },
    { type: 'ChannelDetached', channelId, cursor: null, membershipId: null, reason: 'REMOVED' },
    { type: 'TypingStarted', channelId, cursor: null, userId: grace.userId },
    { type: 'SignalSent', channelId, cursor: null, signal },
    { type: 'SessionExpiring', channelId: null, cursor: null, expiresAt: new Date(Date.UTC(2027, 0, 1)) },
  ];
  const [first] = posted;
  if (first === undefined) throw new Error('nothing was posted');
  const memberships = new Map<string, string>();
  for (const viewer of people) {
    const [membership] = await world.chat.memberships.ofViewer(viewer, [channelId]);
    if (membership !== undefined) memberships.set(viewer.userId, membership.id);
  }
  return {
    people,
    channelId,
    events,
    reactedTo,
    posted: first,
    own: ({ userId: of }) => {
      const membershipId = memberships.get(of);
      if (membershipId === undefined) return [];
      const told = { channelId, cursor: null, membershipId };
      const createdAt = new Date(Date.UTC(2026, 10, 23));
      const notification = {
        id: 'n',
        organizationId,
        userId: of,
        channelId,
        seq: 1,
        reason: 'MENTION',
        createdAt,
      } as const;
      return [
        { type: 'MembershipUpdated', ...told, position: 'p' },
        { type: 'Notified', ...told, notification, isMissed: false },
      ];
    },
  };
}
