/** Mutation.createChannel. */
import type { Channel, PostingPolicy, Visibility } from '../../src/chat/channels/port.ts';
import { type Context, viewerOf } from '../context.ts';
import { uuidOf } from '../global-id.ts';

export interface CreateChannelInput {
  readonly clientChannelId?: string | null | undefined;
  readonly name: string;
  readonly handle?: string | null | undefined;
  readonly topic?: string | null | undefined;
  readonly visibility?: Visibility | null | undefined;
  readonly postingPolicy?: PostingPolicy | null | undefined;
  readonly memberIds?: readonly string[] | null | undefined;
}

export async function createChannel(
  input: CreateChannelInput,
  context: Context,
): Promise<{ readonly channel: Channel }> {
  const channel = await context.chat.channels.create(viewerOf(context), {
    clientChannelId: input.clientChannelId ?? null,
    name: input.name,
    handle: input.handle ?? null,
    topic: input.topic ?? '',
    visibility: input.visibility ?? 'PUBLIC',
    postingPolicy: input.postingPolicy ?? 'EVERYONE',
    memberIds: (input.memberIds ?? []).map((id) => uuidOf('User', id)),
  });
  return { channel };
}
