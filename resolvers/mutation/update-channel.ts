/** Mutation.updateChannel: null and absent alike leave a setting as it is. */
import type { Channel, PostingPolicy } from '../../src/chat/channels/port.ts';
import { type Context, viewerOf } from '../context.ts';
import { uuidOf } from '../global-id.ts';

export interface UpdateChannelInput {
  readonly channelId: string;
  readonly name?: string | null | undefined;
  readonly topic?: string | null | undefined;
  readonly postingPolicy?: PostingPolicy | null | undefined;
}

export async function updateChannel(
  input: UpdateChannelInput,
  context: Context,
): Promise<{ readonly channel: Channel }> {
  const { name, topic, postingPolicy } = input;
  const channel = await context.chat.channels.update(viewerOf(context), {
    channelId: uuidOf('Channel', input.channelId),
    ...(name == null ? {} : { name }),
    ...(topic == null ? {} : { topic }),
    ...(postingPolicy == null ? {} : { postingPolicy }),
  });
  return { channel };
}
