import { archiveChannel, unarchiveChannel } from '../../resolvers/mutation/archive-channel.ts';
import { createChannel } from '../../resolvers/mutation/create-channel.ts';
import { openDirectMessage } from '../../resolvers/mutation/open-direct-message.ts';
import { updateChannel } from '../../resolvers/mutation/update-channel.ts';
import { builder } from '../builder.ts';
import { ChannelInput } from '../inputs/channel-input.ts';
import { CreateChannelInput } from '../inputs/create-channel-input.ts';
import { OpenDirectMessageInput } from '../inputs/open-direct-message-input.ts';
import { UpdateChannelInput } from '../inputs/update-channel-input.ts';
import { ChannelPayload } from '../payloads/channel-payload.ts';
import { fresh } from './fresh.ts';

builder.mutationFields((t) => ({
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
  archiveChannel: t.field({
    type: ChannelPayload,
    description: 'By channel admins. It can still be read; nothing in it or in its threads changes.',
    args: { input: t.arg({ type: ChannelInput, required: true }) },
    resolve: fresh(archiveChannel),
  }),
  unarchiveChannel: t.field({
    type: ChannelPayload,
    description: 'By channel admins.',
    args: { input: t.arg({ type: ChannelInput, required: true }) },
    resolve: fresh(unarchiveChannel),
  }),
}));
