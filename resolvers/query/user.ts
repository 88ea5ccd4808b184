/** Query.user: one person of the viewer's organization by id or handle; null when there is none. */
import type { User } from '../../src/chat/people/port.ts';
import { type Context, viewerOf } from '../context.ts';
import { uuidOf } from '../global-id.ts';
import { type IdOrHandle, oneOf } from './one-of.ts';

const HANDLE = /^[a-z0-9._-]{1,40}$/;

export async function user(args: IdOrHandle, context: Context): Promise<User | null> {
  const viewer = viewerOf(context);
  const by = oneOf(args);
  if ('id' in by) return context.loaders.users.load(uuidOf('User', by.id));
  return HANDLE.test(by.handle) ? context.chat.people.byHandle(viewer, by.handle) : null;
}
