/**
 * What every resolver is given besides its arguments: who asks, over which connection, the domain, and loaders.
 * A transport makes one for each request and, for subscriptions, one for each event it delivers: loaders that
 * outlived an event would hand out what was true at an earlier one.
 */
import { createLoaders, type Loaders, type TenantLoaders } from '../loaders/loaders.ts';
import type { Chat } from '../src/chat/chat.ts';
import { unauthenticated } from '../src/chat/errors.ts';
import type { Viewer } from '../src/chat/viewer.ts';

export interface Context {
  readonly viewer: Viewer | null;
  /** Of the WebSocket; null over HTTP. */
  readonly connectionId: string | null;
  readonly chat: Chat;
  readonly loaders: Loaders;
}

export function createContext(input: {
  readonly viewer: Viewer | null;
  readonly connectionId: string | null;
  readonly chat: Chat;
  /** For a delivered event: loaders of what is the same for all its subscribers. */
  readonly shared?: TenantLoaders | null;
}): Context {
  const { viewer, connectionId, chat, shared } = input;
  return { viewer, connectionId, chat, loaders: createLoaders(chat, viewer, shared) };
}

/** The signed-in viewer. Throws UNAUTHENTICATED when there is none. */
export function viewerOf(context: Context): Viewer {
  if (context.viewer === null) throw unauthenticated();
  return context.viewer;
}
