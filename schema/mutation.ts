import type { Context } from '../resolvers/context.ts';
import { addMember } from '../resolvers/mutation/add-member.ts';
import { createChannel } from '../resolvers/mutation/create-channel.ts';
import { joinChannel } from '../resolvers/mutation/join-channel.ts';
import { leaveChannel } from '../resolvers/mutation/leave-channel.ts';
import { markRead } from '../resolvers/mutation/mark-read.ts';
import { openDirectMessage } from '../resolvers/mutation/open-direct-message.ts';
import { removeMember } from '../resolvers/mutation/remove-member.ts';
import { sendMessage } from '../resolvers/mutation/send-message.ts';
import { updateChannel } from '../resolvers/mutation/update-channel.ts';
import { updateMembership } from '../resolvers/mutation/update-membership.ts';
import { builder } from './builder.ts';
import { ChannelInput } from './inputs/channel-input.ts';
import { CreateChannelInput } from './inputs/create-channel-input.ts';
import { MarkReadInput } from './inputs/mark-read-input.ts';
import { MemberInput } from './inputs/member-input.ts';
import { OpenDirectMessageInput } from './inputs/open-direct-message-input.ts';
import { SendMessageInput } from './inputs/send-message-input.ts';
import { UpdateChannelInput } from './inputs/update-channel-input.ts';
import { UpdateMembershipInput } from './inputs/update-membership-input.ts';
import { ChannelMemberPayload } from './payloads/channel-member-payload.ts';
import { ChannelPayload } from './payloads/channel-payload.ts';
import { DetachedPayload } from './payloads/detached-payload.ts';
import { MembershipPayload } from './payloads/membership-payload.ts';
import { SendMessagePayload } from './payloads/send-message-payload.ts';

/** Mutations of one request run one after the other: each forgets what was loaded for the one before it. */
const fresh =
  <Input, Payload>(resolver: (input: Input, context: Context) => Promise<Payload>) =>
  (_root: unknown, args: { input: Input }, context: Context): Promise<Payload> => {
    context.loaders.clear();
    return resolver(args.input, context);
  };

builder.mutationType({
  authScopes: { signedIn: true },
  fields: (t) => ({
    sendMessage: t.field({
      type: SendMessagePayload,
      description:
        "Returns once the message is saved by a quorum of the channel's shard. Safe to repeat with the same clientMessageId, on any server; how far back: see basis.",
      args: { input: t.arg({ type: SendMessageInput, required: true }) },
      resolve: fresh(sendMessage),
    }),
    createChannel: t.field({
      type: ChannelPayload,
      args: { input: t.arg({ type: CreateChannelInput, required: true }) },
      resolve: fresh(createChannel),
    }),
    openDirectMessage: t.field({
      type: ChannelPayload,
      description:
        'The one DM of exactly these people and the viewer, made at the first call. Up to 8 others; none: notes to self.',
      args: { input: t.arg({ type: OpenDirectMessageInput, required: true }) },
      resolve: fresh(openDirectMessage),
    }),
    updateChannel: t.field({
      type: ChannelPayload,
      args: { input: t.arg({ type: UpdateChannelInput, required: true }) },
      resolve: fresh(updateChannel),
    }),
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
    removeMember: t.field({
      type: DetachedPayload,
      description: "Once this has returned, no edge hands the channel's events to that user's sockets.",
      args: { input: t.arg({ type: MemberInput, required: true }) },
      resolve: fresh(removeMember),
    }),
    markRead: t.field({
      type: MembershipPayload,
      description: 'Moves the checkpoint forward to seq; backward only with markUnread.',
      args: { input: t.arg({ type: MarkReadInput, required: true }) },
      resolve: fresh(markRead),
    }),
    updateMembership: t.field({
      type: MembershipPayload,
      args: { input: t.arg({ type: UpdateMembershipInput, required: true }) },
      resolve: fresh(updateMembership),
    }),
  }),
});
