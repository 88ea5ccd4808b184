/** What counts and lists must say, by the definition: everything is kept, and counted one by one when asked. */
import type { NotificationReason } from '../port.ts';

interface Message {
  readonly author: string;
  mentioned: readonly string[];
  isToAll: boolean;
  isDeleted: boolean;
}

interface Place {
  checkpoint: number;
  /** Where they came in. */
  readonly joined: number;
  isMuted: boolean;
}

export interface ModelChannel {
  readonly id: string;
  readonly type: 'CHANNEL' | 'DM' | 'THREAD';
  /** Of a thread: its parent. */
  readonly parent: ModelChannel | null;
  readonly messages: Message[];
  readonly places: Map<string, Place>;
}

export class Model {
  readonly channels: ModelChannel[] = [];

  open(
    id: string,
    type: ModelChannel['type'],
    members: readonly string[],
    parent: ModelChannel | null = null,
  ) {
    const channel: ModelChannel = { id, type, parent, messages: [], places: new Map() };
    for (const user of members) channel.places.set(user, { checkpoint: 0, joined: 0, isMuted: false });
    this.channels.push(channel);
    return channel;
  }

  join(channel: ModelChannel, user: string): void {
    const head = channel.messages.length;
    if (!channel.places.has(user))
      channel.places.set(user, { checkpoint: head, joined: head, isMuted: false });
  }

  leave(channel: ModelChannel, user: string): void {
    for (const one of this.channels) if (one === channel || one.parent === channel) one.places.delete(user);
  }

  send(channel: ModelChannel, author: string, mentioned: readonly string[], isToAll: boolean): number {
    channel.messages.push({ author, mentioned, isToAll, isDeleted: false });
    const seq = channel.messages.length;
    const place = channel.places.get(author);
    if (place?.checkpoint === seq - 1) place.checkpoint = seq;
    return seq;
  }

  unread(channel: ModelChannel, user: string): number {
    return channel.messages.length - (channel.places.get(user)?.checkpoint ?? channel.messages.length);
  }

  mentions(channel: ModelChannel, user: string): number {
    const place = channel.places.get(user);
    if (place === undefined) return 0;
    return channel.messages.filter(
      ({ author, mentioned, isToAll, isDeleted }, i) =>
        i + 1 > place.checkpoint &&
        i + 1 > place.joined &&
        author !== user &&
        !isDeleted &&
        (isToAll || mentioned.includes(user)),
    ).length;
  }

  /** Over channels and direct conversations that are not muted. */
  total(user: string, of: (channel: ModelChannel, user: string) => number): number {
    return this.channels
      .filter(({ type, places }) => type !== 'THREAD' && places.get(user)?.isMuted === false)
      .reduce((sum, channel) => sum + of(channel, user), 0);
  }

  /** In any order: channel, number and reason. */
  list(user: string): readonly string[] {
    return this.channels.flatMap((channel) => {
      const place = channel.places.get(user);
      if (place === undefined || place.isMuted) return [];
      return channel.messages.flatMap((message, i) => {
        const reason = reasonOf(channel, message, user);
        return reason !== null && i + 1 > place.joined ? [`${channel.id} ${i + 1} ${reason}`] : [];
      });
    });
  }
}

function reasonOf({ type }: ModelChannel, message: Message, user: string): NotificationReason | null {
  if (message.author === user || message.isDeleted) return null;
  if (message.mentioned.includes(user)) return 'MENTION';
  if (type === 'DM') return 'DIRECT_MESSAGE';
  if (type === 'THREAD') return 'THREAD_REPLY';
  return message.isToAll ? 'MENTION' : null;
}
