import { encodeId } from '../../resolvers/global-id.ts';
import { EventRef } from '../refs.ts';

EventRef.implement({
  description: `Something that happened. \`cursor\` is the position in that channel's log, to hand back in \`after\` (the newest of each channelId is
all that a client keeps); null for what is not kept. A kept event is delivered whole or the subscription ends so that the
client resumes: never with errors inside. In a replay MessagePosted and MemberJoined/MemberLeft come one by one (messages as they are
now); all other changes come folded: one MessageUpdated per changed message, one ChannelUpdated, one PollUpdated per poll. A
replayed cursor never claims a change that was not delivered yet. Inside an event, message.channel.head is at least the event's number.`,
  resolveType: (event) => event.type,
  fields: (t) => ({
    channelId: t.id({
      nullable: true,
      resolve: ({ channelId }) => channelId && encodeId('Channel', channelId),
    }),
    cursor: t.exposeString('cursor', { nullable: true }),
  }),
});
