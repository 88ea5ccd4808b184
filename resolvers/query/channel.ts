/** Query.channel: one channel by id or handle; null alike for none and for one the viewer may not see. */
import type { Channel } from '../../src/chat/channels/port.ts';
import { type Context, viewerOf } from '../context.ts';
import { uuidOf } from '../global-id.ts';
import { type IdOrHandle, oneOf } from './one-of.ts';

const HANDLE = /^[a-z0-9._-]{1,80}$/;

export async function channel(args: IdOrHandle, context: Context): Promise<Channel | null> {
  const viewer = viewerOf(context);
  const by = oneOf(args);
  if ('handle' in by && !HANDLE.test(by.handle)) return null;
  const id =
    'id' in by ? uuidOf('Channel', by.id) : await context.chat.channels.idOfHandle(viewer, by.handle);
  if (id === null) return null;
  return (await context.loaders.readable.load(id))?.channel ?? null;
}
