/** What can be done with channels: the use cases of this folder over the ports they share. */
import type { AdvanceQueue } from '../memberships/advance-queue.ts';
import type { KeysetPage, KeysetSlice } from '../people/port.ts';
import type { Ports } from '../ports.ts';
import type { Viewer } from '../viewer.ts';
import { type ReadableChannel, readableChannels } from './access.ts';
import { type CreateInput, createChannel } from './create.ts';
import { openDirectMessage } from './direct.ts';
import { addMember, type Detached, joinChannel, leaveChannel, removeMember } from './members.ts';
import type { Channel, Membership, Role, ThreadRoot } from './port.ts';
import { updateMemberRole } from './role.ts';
import { openThread } from './threads.ts';
import { archiveChannel, type ChannelChanges, unarchiveChannel, updateChannel } from './update.ts';

export interface Channels {
  /** Those of the channels that the viewer may read: for ids that come from a client. */
  readable(viewer: Viewer, ids: readonly string[]): Promise<ReadonlyMap<string, ReadableChannel>>;
  /** Those of the viewer's organization, unasked who may read them: for ids that come with what was read already. */
  byIds(viewer: Viewer, ids: readonly string[]): Promise<readonly Channel[]>;
  /** The id behind a handle, unasked who may read it. */
  idOfHandle(viewer: Viewer, handle: string): Promise<string | null>;
  pagePublic(viewer: Viewer, page: KeysetPage & { search?: string }): Promise<KeysetSlice<Channel>>;
  /** Of a channel that the caller has checked. */
  pageOfMembers(viewer: Viewer, channelId: string, page: KeysetPage): Promise<KeysetSlice<Membership>>;
  memberCounts(viewer: Viewer, ids: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** User ids of some members of each, at most 10. */
  memberIds(viewer: Viewer, ids: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>>;
  create(viewer: Viewer, input: CreateInput): Promise<Channel>;
  openDirectMessage(viewer: Viewer, otherIds: readonly string[]): Promise<Channel>;
  /** The thread of a message, made at the first call. */
  openThread(viewer: Viewer, root: ThreadRoot): Promise<Channel>;
  update(viewer: Viewer, changes: ChannelChanges): Promise<Channel>;
  archive(viewer: Viewer, channelId: string): Promise<Channel>;
  unarchive(viewer: Viewer, channelId: string): Promise<Channel>;
  join(viewer: Viewer, channelId: string): Promise<Membership>;
  leave(viewer: Viewer, channelId: string): Promise<Detached>;
  addMember(viewer: Viewer, channelId: string, userId: string): Promise<Membership>;
  updateMemberRole(viewer: Viewer, channelId: string, userId: string, role: Role): Promise<Membership>;
  removeMember(viewer: Viewer, channelId: string, userId: string): Promise<Detached>;
}

export function createChannels(ports: Ports, advances: Pick<AdvanceQueue, 'settled'>): Channels {
  const org = (viewer: Viewer) => viewer.tenant.organizationId;
  return {
    async readable(viewer, ids) {
      // What is found says how far they have read, too.
      await advances.settled(org(viewer), [viewer.userId]);
      return readableChannels(ports, viewer, ids);
    },
    byIds: (viewer, ids) => ports.channels.byIds(org(viewer), ids),
    idOfHandle: async (viewer, handle) => (await ports.channels.byHandle(org(viewer), handle))?.id ?? null,
    pagePublic: (viewer, page) => ports.channels.pagePublic(org(viewer), page),
    pageOfMembers: (viewer, channelId, page) => ports.memberships.pageOfChannel(org(viewer), channelId, page),
    memberCounts: (viewer, ids) => ports.channels.memberCounts(org(viewer), ids),
    memberIds: (viewer, ids) => ports.memberships.memberIds(org(viewer), ids),
    create: (viewer, input) => createChannel(ports, viewer, input),
    openDirectMessage: (viewer, otherIds) => openDirectMessage(ports, viewer, otherIds),
    openThread: (viewer, root) => openThread(ports, viewer, root),
    update: (viewer, changes) => updateChannel(ports, viewer, changes),
    archive: (viewer, channelId) => archiveChannel(ports, viewer, channelId),
    unarchive: (viewer, channelId) => unarchiveChannel(ports, viewer, channelId),
    join: (viewer, channelId) => joinChannel(ports, viewer, channelId),
    leave: (viewer, channelId) => leaveChannel(ports, viewer, channelId),
    addMember: (viewer, channelId, userId) => addMember(ports, viewer, channelId, userId),
    updateMemberRole: (viewer, channelId, userId, role) =>
      updateMemberRole(ports, viewer, channelId, userId, role),
    removeMember: (viewer, channelId, userId) => removeMember(ports, viewer, channelId, userId),
  };
}
