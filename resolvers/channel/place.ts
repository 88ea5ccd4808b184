/** Channel.viewerMembership and Channel.head, at once when they are loaded already. */
import { loaded } from '../../loaders/batch.ts';
import type { Channel, Membership } from '../../src/chat/channels/port.ts';
import type { Context } from '../context.ts';

/** Null when the viewer is not a member. */
export const viewerMembership = (
  { id }: Channel,
  { loaders }: Context,
): Membership | null | Promise<Membership | null> => loaded(loaders.viewerMemberships, id);

/** Number of its newest message. */
export const head = ({ id }: Channel, { loaders }: Context): number | Promise<number> =>
  loaded(loaders.heads, id);
