/** Mutation.archiveChannel and Mutation.unarchiveChannel. */
import type { Channel } from '../../src/chat/channels/port.ts';
import { type Context, viewerOf } from '../context.ts';
import { uuidOf } from '../global-id.ts';

interface ChannelInput {
  readonly channelId: string;
}

interface ChannelAnswer {
  readonly channel: Channel;
}

export async function archiveChannel(input: ChannelInput, context: Context): Promise<ChannelAnswer> {
  const channelId = uuidOf('Channel', input.channelId);
  return { channel: await context.chat.channels.archive(viewerOf(context), channelId) };
}

export async function unarchiveChannel(input: ChannelInput, context: Context): Promise<ChannelAnswer> {
  const channelId = uuidOf('Channel', input.channelId);
  return { channel: await context.chat.channels.unarchive(viewerOf(context), channelId) };
}
