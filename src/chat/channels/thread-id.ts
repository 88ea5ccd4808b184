/** Names threads. */
import { uuidv8 } from '../ids.ts';
import type { ThreadRoot } from './port.ts';

/**
 * The id of a message's thread, known before it is opened: any replica, at any time and after any crash, opens the same
 * one.
 */
export const threadIdOf = (organizationId: string, root: ThreadRoot): string =>
  uuidv8('thread', organizationId, root.channelId, String(root.seq));
