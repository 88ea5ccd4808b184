/** Subscription.channelEvents: the same for one channel that the viewer may read. */
import type { LiveEvent } from '../../src/chat/live/port.ts';
import { type Context, viewerOf } from '../context.ts';
import { found } from '../found.ts';
import { uuidOf } from '../global-id.ts';
import { connectionOf } from './events.ts';
import { replayLimitOf } from './replay-limit.ts';

export interface ChannelEventsArgs {
  readonly channelId: string;
  readonly after?: string | null | undefined;
  readonly replayLimit?: number | null | undefined;
}

export async function channelEvents(
  args: ChannelEventsArgs,
  context: Context,
): Promise<AsyncIterableIterator<LiveEvent>> {
  const viewer = viewerOf(context);
  const replayLimit = replayLimitOf(args.replayLimit);
  const channelId = uuidOf('Channel', args.channelId);
  found('The channel', await context.loaders.readable.load(channelId));
  return context.chat.live.channelEvents(viewer, {
    channelId,
    after: args.after ?? null,
    replayLimit,
    connectionId: connectionOf(context),
  });
}
