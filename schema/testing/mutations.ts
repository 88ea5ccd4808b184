/** The mutations as tests call them, each with all of what it answers. */
import { uuidOf } from '../../resolvers/global-id.ts';
import type { ChangeEntry } from '../../src/chat/log/entries.ts';
import type { Viewer } from '../../src/chat/viewer.ts';
import type { Answer, World } from './world.ts';

type Mutation = (viewer: Viewer, input: object) => Promise<Answer>;

const CHANNEL =
  'channel { id name handle topic type visibility postingPolicy archivedAt memberCount viewerMembership { role } }';
const THREAD =
  'channel { id type name handle head threadRoot { id text } viewerMembership { title checkpoint } }';
/** All that changes of a message may show. */
export const MESSAGE = `message {
  id seq text metadata createdAt editedAt deletedAt isPinned replyCount clientMessageId
  author { handle } mentions { kind start length user { handle } }
  reactions { id emoji count viewerHasReacted users { handle } }
  thread { id type head viewerMembership { checkpoint unreadCount } }
  channel { id head }
}`;
const MEMBERSHIP =
  'membership { id checkpoint unreadCount isMuted notifyAlways affinityScore channel { id } }';

/** @param world asked at each call, as it opens only once tests run. */
export function mutationsOn(world: () => World) {
  const mutation =
    (name: string, type: string, payload: string): Mutation =>
    (viewer, input) =>
      world().run(viewer, `mutation ($input: ${type}!) { ${name}(input: $input) { ${payload} } }`, { input });
  return {
    send: mutation(
      'sendMessage',
      'SendMessageInput',
      'isDuplicate message { id seq text metadata clientMessageId mentions { kind start length user { handle } } channel { head } }',
    ),
    edit: mutation('editMessage', 'EditMessageInput', MESSAGE),
    erase: mutation('deleteMessage', 'MessageInput', MESSAGE),
    react: mutation('addReaction', 'ReactionInput', MESSAGE),
    unreact: mutation('removeReaction', 'ReactionInput', MESSAGE),
    pin: mutation('pinMessage', 'MessageInput', MESSAGE),
    unpin: mutation('unpinMessage', 'MessageInput', MESSAGE),
    openThread: mutation('openThread', 'MessageInput', THREAD),
    archive: mutation('archiveChannel', 'ChannelInput', CHANNEL),
    unarchive: mutation('unarchiveChannel', 'ChannelInput', CHANNEL),
    updateRole: mutation('updateMemberRole', 'MemberRoleInput', 'member { id role user { handle } }'),
    updateProfile: mutation('updateProfile', 'UpdateProfileInput', 'user { id handle name avatarUrl }'),
    create: mutation('createChannel', 'CreateChannelInput', CHANNEL),
    openDm: mutation('openDirectMessage', 'OpenDirectMessageInput', CHANNEL),
    update: mutation('updateChannel', 'UpdateChannelInput', CHANNEL),
    join: mutation('joinChannel', 'ChannelInput', MEMBERSHIP),
    leave: mutation('leaveChannel', 'ChannelInput', 'channelId membershipId'),
    add: mutation('addMember', 'MemberInput', 'member { id role user { handle } }'),
    remove: mutation('removeMember', 'MemberInput', 'channelId membershipId'),
    markRead: mutation('markRead', 'MarkReadInput', MEMBERSHIP),
    updateMembership: mutation('updateMembership', 'UpdateMembershipInput', MEMBERSHIP),
    /** What the publisher was told by this method. */
    told: (method: string) =>
      world()
        .published.filter((one) => one.method === method)
        .map((one) => one.what),
    /** The changes in the log of a channel. */
    async announced(viewer: Viewer, channelId: string): Promise<readonly ChangeEntry[]> {
      const key = { organizationId: viewer.tenant.organizationId, channelId: uuidOf('Channel', channelId) };
      return (await world().changes.port.range(key, 1, 1_000)).map((row) => row.entry);
    },
  };
}
