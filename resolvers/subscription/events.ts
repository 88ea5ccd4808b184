/** Subscription.events: everything the viewer should be told of. */
import { badInput } from '../../src/chat/errors.ts';
import { uuidv7 } from '../../src/chat/ids.ts';
import type { LiveEvent } from '../../src/chat/live/port.ts';
import { type Context, viewerOf } from '../context.ts';
import { replayLimitOf } from './replay-limit.ts';

/** Cursors taken by one subscription: what fits into a frame is less. */
const MAX_CURSORS = 5_000;

export interface EventsArgs {
  readonly after?: readonly string[] | null | undefined;
  readonly replayLimit?: number | null | undefined;
}

export async function events(args: EventsArgs, context: Context): Promise<AsyncIterableIterator<LiveEvent>> {
  const viewer = viewerOf(context);
  const after = args.after ?? [];
  if (after.length > MAX_CURSORS) throw badInput(`At most ${MAX_CURSORS} cursors in \`after\`.`);
  return context.chat.live.events(viewer, {
    after,
    replayLimit: replayLimitOf(args.replayLimit),
    connectionId: connectionOf(context),
  });
}

/** Over HTTP (server-sent events) the subscription is a connection of its own. */
export const connectionOf = (context: Context): string => context.connectionId ?? uuidv7(Date.now());
