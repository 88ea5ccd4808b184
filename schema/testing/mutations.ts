/** The mutations as tests call them, each with all of what it answers. */
import { uuidOf } from '../../resolvers/global-id.ts';
import type { ChangeEntry } from '../../src/chat/log/entries.ts';
import type { Viewer } from '../../src/chat/viewer.ts';
import type { Answer, World } from './world.ts';

type Mutation = (viewer: Viewer, input: object) => Promise<Answer>;

const CHANNEL =
  'channel { id name handle topic type visibility postingPolicy memberCount viewerMembership { role } }';
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
