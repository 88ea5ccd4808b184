/** Membership.mentionCount. */
import type { Membership } from '../../src/chat/channels/port.ts';
import type { Context } from '../context.ts';

export const mentionCount = (membership: Membership, { loaders }: Context): Promise<number> =>
  loaders.mentions.load(membership.channelId);
