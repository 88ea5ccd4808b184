/** Follows a subscription for a transport that writes frames by itself: see outlet.ts for what it is told. */
import type { ExecutionArgs } from 'graphql';
import type { Classes } from './classes.ts';
import type { Caller } from './contexts.ts';
import { sourceOf } from './event-source.ts';
import { Follower } from './follower.ts';
import { isIterable, type OpeningPorts, openSource, type Refused } from './opening.ts';
import type { Following, Outlet } from './outlet.ts';

export interface FollowPorts extends OpeningPorts {
  readonly classes: Classes;
}

/**
 * @param args with the context in which the source is opened.
 * @param ms within which it begins.
 */
export async function follow(
  args: ExecutionArgs,
  caller: Caller,
  outlet: Outlet,
  ms: number,
  { classes, present, logger }: FollowPorts,
): Promise<Following | Refused> {
  const stream = await openSource(ms, args, { present, logger });
  if (!isIterable(stream)) return stream;
  const joined = classes.join(args, caller.viewer);
  const follower = new Follower({
    caller,
    source: sourceOf(stream),
    outlet,
    class: joined.class,
    present,
    logger,
    onOver: joined.leave,
  });
  // Whoever called has what it returned before the first write, and can end it from there.
  setImmediate(() => follower.begin());
  return follower;
}
