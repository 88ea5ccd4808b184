/**
 * The use cases of messages over the memory model of both logs: one organization with a public channel, whose people
 * and places are plain lists.
 */
import { createChangeLog } from '../../changes/change-log.ts';
import { type MemoryLogs, memoryLogs } from '../../changes/testing/memory-projections.ts';
import type { Channel, ChannelStore, Membership, MembershipStore, Role } from '../../channels/port.ts';
import { uuidv7 } from '../../ids.ts';
import { createLog } from '../../log/create-log.ts';
import type { MessageEntry } from '../../log/entries.ts';
import { CountingStore } from '../../log/testing/counting-store.ts';
import { silentLogger } from '../../logger.ts';
import type { User, UserStore } from '../../people/port.ts';
import type { Ports } from '../../ports.ts';
import { noConnections } from '../../testing/connections.ts';
import { oneEndpoint } from '../../testing/endpoints.ts';
import { noPresence, nothingRetained } from '../../testing/presence.ts';
import { recordingPublisher, scriptedLive } from '../../testing/recorder.ts';
import type { Viewer } from '../../viewer.ts';
import { createMessages, type Messages } from '../messages.ts';

export interface OnMemory {
  readonly messages: Messages;
  readonly ports: Ports;
  readonly stores: MemoryLogs;
  readonly counted: CountingStore<MessageEntry>;
  readonly channelId: string;
  /** Changes the channel. */
  channel: Channel;
  /** Someone of the organization; with a role, a member of the channel. */
  person(handle: string, given?: { role?: Role; isAdmin?: boolean; epoch?: number }): Viewer;
  /** Ends their membership. */
  leave(viewer: Viewer): void;
  /** Where both logs of the channel stand. */
  heads(): Promise<{ seq: number; rev: number }>;
  now: number;
}

/** A port of which a test uses a part: the rest says so when it is called after all. */
function partOf<Port extends object>(given: Partial<Port>): Port {
  const part = new Proxy(given, {
    get: (target, property) =>
      Reflect.get(target, property) ??
      (() => {
        throw new Error(`not part of this test: ${String(property)}`);
      }),
  });
  // Whatever is missing throws.
  return part as Port;
}

export function onMemory(): OnMemory {
  const stores = memoryLogs(4_096);
  const counted = new CountingStore(stores.messages);
  const organizationId = uuidv7(1);
  const channelId = uuidv7(2);
  const members: Membership[] = [];
  const users: User[] = [];
  const publisher = recordingPublisher();
  const clock = { now: () => world.now };
  const common = { clock, logger: silentLogger };
  const isOwn = (id: string) => id === organizationId;
  const ports: Ports = {
    organizations: partOf({}),
    users: partOf<UserStore>({
      byHandles: async (id, handles) => users.filter((user) => isOwn(id) && handles.includes(user.handle)),
    }),
    channels: partOf<ChannelStore>({
      byIdNow: () => undefined,
      byIds: async (id, ids) => (isOwn(id) && ids.includes(channelId) ? [world.channel] : []),
      placesOf: async (id, userId, ids) => {
        const membership = members.find((m) => m.userId === userId) ?? null;
        const place = { channel: world.channel, membership, parentMembership: null };
        return isOwn(id) && ids.includes(channelId) ? [place] : [];
      },
    }),
    memberships: partOf<MembershipStore>({
      ofUserNow: () => undefined,
      ofUser: async (id, userId, ids) =>
        members.filter((m) => isOwn(id) && m.userId === userId && ids.includes(m.channelId)),
    }),
    outbox: partOf({}),
    notifications: partOf({}),
    messages: createLog({ ...common, store: counted, onAppended: publisher.messagesAppended }),
    changes: createChangeLog({ ...common, ...stores, onAppended: publisher.changesAppended }),
    projections: stores.projections,
    publisher,
    live: scriptedLive(),
    connections: noConnections,
    endpoints: oneEndpoint,
    presence: noPresence,
    retained: nothingRetained,
    ...common,
  };
  const effects = {
    advances: partOf<Parameters<typeof createMessages>[1]['advances']>({ note: () => undefined }),
    activity: partOf<Parameters<typeof createMessages>[1]['activity']>({ note: () => undefined }),
    fanOut: { sent: () => undefined },
    recounts: { around: <T>(_: unknown, change: () => Promise<T>) => change() },
  };
  const world: OnMemory = {
    messages: createMessages(ports, effects),
    ports,
    stores,
    counted,
    channelId,
    now: Date.now(),
    channel: {
      id: channelId,
      organizationId,
      type: 'CHANNEL',
      visibility: 'PUBLIC',
      postingPolicy: 'EVERYONE',
      name: 'General',
      handle: 'general',
      topic: '',
      createdAt: new Date(),
      archivedAt: null,
      root: null,
    },
    person(handle, { role, isAdmin = false, epoch = 1 } = {}) {
      const userId = uuidv7(3);
      const named = { id: userId, organizationId, subject: handle, handle, name: handle };
      users.push({ ...named, avatarUrl: null, isBot: false, deactivatedAt: null });
      const place = { id: uuidv7(4), organizationId, channelId, userId, joinedAt: new Date() };
      const settings = {
        affinity: 0,
        affinityAt: new Date(),
        isMuted: false,
        notifyAlways: false,
        checkpoint: 0,
      };
      if (role !== undefined) members.push({ ...place, ...settings, role });
      const tenant = { organizationId, slug: 'acme', cell: 'default', epoch };
      return { tenant, userId, handle, isAdmin, expiresAt: Number.MAX_SAFE_INTEGER };
    },
    leave({ userId }) {
      const place = members.findIndex((member) => member.userId === userId);
      members.splice(place, 1);
    },
    async heads() {
      const key = { organizationId, channelId };
      const [[seq = 0], [rev = 0]] = await Promise.all([
        ports.messages.heads([key]),
        ports.changes.heads([key]),
      ]);
      return { seq, rev };
    },
  };
  return world;
}

/** Sends one message and gives its number. */
export async function say(world: OnMemory, viewer: Viewer, text: string): Promise<number> {
  const { channelId } = world;
  const input = { channelId, text, metadata: null, clientMessageId: null, basis: null };
  return (await world.messages.send(viewer, input)).message.row.seq;
}
