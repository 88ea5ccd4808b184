import { addMember } from '../../resolvers/mutation/add-member.ts';
import { joinChannel } from '../../resolvers/mutation/join-channel.ts';
import { leaveChannel } from '../../resolvers/mutation/leave-channel.ts';
import { removeMember } from '../../resolvers/mutation/remove-member.ts';
import { updateMemberRole } from '../../resolvers/mutation/update-member-role.ts';
import { builder } from '../builder.ts';
import { ChannelInput } from '../inputs/channel-input.ts';
import { MemberInput } from '../inputs/member-input.ts';
import { MemberRoleInput } from '../inputs/member-role-input.ts';
import { ChannelMemberPayload } from '../payloads/channel-member-payload.ts';
import { DetachedPayload } from '../payloads/detached-payload.ts';
import { MembershipPayload } from '../payloads/membership-payload.ts';
import { fresh } from './fresh.ts';

builder.mutationFields((t) => ({
  joinChannel: t.field({
    type: MembershipPayload,
    args: { input: t.arg({ type: ChannelInput, required: true }) },
    resolve: fresh(joinChannel),
  }),
  leaveChannel: t.field({
    type: DetachedPayload,
    args: { input: t.arg({ type: ChannelInput, required: true }) },
    resolve: fresh(leaveChannel),
  }),
  addMember: t.field({
    type: ChannelMemberPayload,
    args: { input: t.arg({ type: MemberInput, required: true }) },
    resolve: fresh(addMember),
  }),
  updateMemberRole: t.field({
    type: ChannelMemberPayload,
    description: 'By channel admins. The last admin of a channel stays one.',
    args: { input: t.arg({ type: MemberRoleInput, required: true }) },
    resolve: fresh(updateMemberRole),
  }),
  removeMember: t.field({
    type: DetachedPayload,
    description: "Once this has returned, no edge hands the channel's events to that user's sockets.",
    args: { input: t.arg({ type: MemberInput, required: true }) },
    resolve: fresh(removeMember),
  }),
}));
