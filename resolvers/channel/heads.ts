/** Where both logs of a channel stand: read before a page is, so that the page's position is true of it. */
import type { Channel } from '../../src/chat/channels/port.ts';
import type { Heads } from '../../src/chat/messages/connection.ts';
import type { Context } from '../context.ts';

export async function headsOf({ id }: Channel, { loaders }: Context): Promise<Heads> {
  const [seq, rev] = await Promise.all([loaders.heads.load(id), loaders.revs.load(id)]);
  return { seq, rev };
}
