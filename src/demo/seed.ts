/**
 * Fills the demo organization through the same use cases that clients call. Each step can be repeated: a start that
 * was cut short is completed by the next, and what people did there since is left alone.
 */
import { createHash } from 'node:crypto';
import type { Chat } from '../chat/chat.ts';
import type { Clock } from '../chat/clock.ts';
import type { Message, MessageRef } from '../chat/messages/message.ts';
import type { Organization, OrganizationStore, UserStore } from '../chat/people/port.ts';
import type { Viewer } from '../chat/viewer.ts';
import { DEMO_ORGANIZATION, type DemoHandle, demoPeople } from './people.ts';
import { type DemoChannel, type DemoMessage, demoChannels, demoDirect } from './script.ts';

export interface DemoPorts {
  readonly chat: Chat;
  readonly organizations: OrganizationStore;
  readonly users: UserStore;
  readonly clock: Clock;
}

type Cast = ReadonlyMap<DemoHandle, Viewer>;

export async function seedDemo(ports: DemoPorts): Promise<void> {
  const { chat } = ports;
  const cast = await castOf(ports);
  for (const channel of demoChannels) {
    await fill(chat, cast, await channelOf(chat, cast, channel), channel.messages);
  }
  const [one, other] = demoDirect.between;
  const direct = await chat.channels.openDirectMessage(of(cast, one), [of(cast, other).userId]);
  await fill(chat, cast, direct.id, demoDirect.messages);
}

async function castOf({ organizations, users, clock }: DemoPorts): Promise<Cast> {
  const { id: organizationId, slug, cell, epoch } = await organizationOf(organizations);
  const viewers = await Promise.all(
    demoPeople.map(async ({ handle, name }): Promise<[DemoHandle, Viewer]> => {
      const subject = handle;
      const user =
        (await users.bySubject(organizationId, subject)) ??
        (await users.provision({ organizationId, subject, handle, name }));
      const viewer = {
        tenant: { organizationId, slug, cell, epoch },
        userId: user.id,
        handle: user.handle,
        isAdmin: false,
        expiresAt: clock.now() + 3_600_000,
      };
      return [handle, viewer];
    }),
  );
  return new Map(viewers);
}

async function organizationOf(organizations: OrganizationStore): Promise<Organization> {
  const slug = DEMO_ORGANIZATION;
  const found =
    (await organizations.bySlug(slug)) ??
    (await organizations.create({ slug, name: 'Demo', cell: 'default' })) ??
    // Taken: another replica has just made it.
    (await organizations.bySlug(slug));
  if (found === null) throw new Error('the demo organization could not be made');
  return found;
}

async function channelOf(chat: Chat, cast: Cast, channel: DemoChannel): Promise<string> {
  const creator = of(cast, channel.creator);
  const known = await chat.channels.idOfHandle(creator, channel.handle);
  if (known !== null) return known;
  const { clientChannelId, name, handle, topic, visibility, members } = channel;
  const made = await chat.channels.create(creator, {
    clientChannelId,
    name,
    handle,
    topic,
    visibility,
    postingPolicy: 'EVERYONE',
    memberIds: members.map((member) => of(cast, member).userId),
  });
  return made.id;
}

/**
 * Says what is to be said, unless as much has been said there already. What is done to a message comes before the next
 * is sent, and nothing to the last one: so whoever finds the last one finds everything.
 */
async function fill(
  chat: Chat,
  cast: Cast,
  channelId: string,
  messages: readonly DemoMessage[],
): Promise<void> {
  const [first] = messages;
  if (first === undefined) return;
  const [head = 0] = await chat.messages.heads(of(cast, first.from), [channelId]);
  if (head >= messages.length) return;
  for (const [place, message] of messages.entries()) {
    const { row } = await say(chat, cast, channelId, message, String(place));
    await change(chat, cast, { channelId, seq: row.seq }, message);
  }
}

/** @param name of its place: the same one is never said twice. */
async function say(
  chat: Chat,
  cast: Cast,
  channelId: string,
  { from, text }: Pick<DemoMessage, 'from' | 'text'>,
  name: string,
  threadRoot: MessageRef | null = null,
): Promise<Message> {
  const { message } = await chat.messages.send(of(cast, from), {
    channelId,
    text,
    metadata: null,
    clientMessageId: nameOf(channelId, name),
    basis: 0,
    threadRoot,
  });
  return message;
}

/** What is so already is not done again. */
async function change(
  chat: Chat,
  cast: Cast,
  message: MessageRef,
  { from, edited, reactions = {}, pinnedBy, replies = [] }: DemoMessage,
): Promise<void> {
  if (edited !== undefined) {
    const clientChangeId = nameOf(message.channelId, `${message.seq} edited`);
    await chat.messages.edit(of(cast, from), { ...message, text: edited, clientChangeId });
  }
  for (const [emoji, people] of Object.entries(reactions)) {
    for (const handle of people) await chat.messages.react(of(cast, handle), { ...message, emoji }, true);
  }
  if (pinnedBy !== undefined) await chat.messages.setPinned(of(cast, pinnedBy), message, true);
  for (const [place, reply] of replies.entries()) {
    await say(chat, cast, message.channelId, reply, `${message.seq} reply ${place}`, message);
  }
}

/** The same for the same place in the same channel, so that a repeated start does nothing twice. A UUIDv8. */
function nameOf(channelId: string, place: string): string {
  const hash = createHash('sha256').update(`demo\n${channelId}\n${place}`).digest();
  hash[6] = (hash.readUInt8(6) & 0x0f) | 0x80;
  hash[8] = (hash.readUInt8(8) & 0x3f) | 0x80;
  const hex = hash.toString('hex', 0, 16);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

function of(cast: Cast, handle: DemoHandle): Viewer {
  const viewer = cast.get(handle);
  if (viewer === undefined) throw new Error(`nobody in the demo is called ${handle}`);
  return viewer;
}
