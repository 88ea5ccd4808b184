import { deleteMessage } from '../../resolvers/mutation/delete-message.ts';
import { editMessage } from '../../resolvers/mutation/edit-message.ts';
import { openThread } from '../../resolvers/mutation/open-thread.ts';
import { pinMessage, unpinMessage } from '../../resolvers/mutation/pin.ts';
import { addReaction, removeReaction } from '../../resolvers/mutation/react.ts';
import { sendMessage } from '../../resolvers/mutation/send-message.ts';
import { builder } from '../builder.ts';
import { EditMessageInput } from '../inputs/edit-message-input.ts';
import { MessageInput } from '../inputs/message-input.ts';
import { ReactionInput } from '../inputs/reaction-input.ts';
import { SendMessageInput } from '../inputs/send-message-input.ts';
import { ChannelPayload } from '../payloads/channel-payload.ts';
import { MessagePayload } from '../payloads/message-payload.ts';
import { SendMessagePayload } from '../payloads/send-message-payload.ts';
import { fresh } from './fresh.ts';

builder.mutationFields((t) => ({
  sendMessage: t.field({
    type: SendMessagePayload,
    description:
      "Returns once the message is saved by a quorum of the channel's shard. Safe to repeat with the same clientMessageId, on any server; how far back: see basis.",
    args: { input: t.arg({ type: SendMessageInput, required: true }) },
    resolve: fresh(sendMessage),
  }),
  editMessage: t.field({
    type: MessagePayload,
    description: 'By its author. An edit to what the message says already changes nothing.',
    args: { input: t.arg({ type: EditMessageInput, required: true }) },
    resolve: fresh(editMessage),
  }),
  deleteMessage: t.field({
    type: MessagePayload,
    description:
      'By its author or a channel admin, for good: what it said is erased. Its number stays, with an empty text.',
    args: { input: t.arg({ type: MessageInput, required: true }) },
    resolve: fresh(deleteMessage),
  }),
  addReaction: t.field({
    type: MessagePayload,
    description: 'By members. Reacting the same way twice changes nothing.',
    args: { input: t.arg({ type: ReactionInput, required: true }) },
    resolve: fresh(addReaction),
  }),
  removeReaction: t.field({
    type: MessagePayload,
    description: "Takes the viewer's own reaction back.",
    args: { input: t.arg({ type: ReactionInput, required: true }) },
    resolve: fresh(removeReaction),
  }),
  pinMessage: t.field({
    type: MessagePayload,
    description: 'For everyone in the channel. By members.',
    args: { input: t.arg({ type: MessageInput, required: true }) },
    resolve: fresh(pinMessage),
  }),
  unpinMessage: t.field({
    type: MessagePayload,
    description: 'By members, whoever pinned it.',
    args: { input: t.arg({ type: MessageInput, required: true }) },
    resolve: fresh(unpinMessage),
  }),
  openThread: t.field({
    type: ChannelPayload,
    description: 'The thread of a message, made at the first call.',
    args: { input: t.arg({ type: MessageInput, required: true }) },
    resolve: fresh(openThread),
  }),
}));
