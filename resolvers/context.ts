/**
 * What every resolver is given besides its arguments: who asks, over which connection, the domain, and loaders.
 * A transport makes one for each request and, for subscriptions, one for each event it delivers: loaders that
 * outlived an event would hand out what was true at an earlier one. An event that many are told of is executed in a
 * context of nobody's first (shared-context.ts), and in one that takes note of what it is asked after (viewer-context.ts).
 */
import { createLoaders, type Loaders, type TenantLoaders } from '../loaders/loaders.ts';
import type { Chat } from '../src/chat/chat.ts';
import { unauthenticated } from '../src/chat/errors.ts';
import type { Viewer } from '../src/chat/viewer.ts';

export interface Context {
  /** Null when nobody is signed in. Asking for it makes an event one that is executed for each viewer, with no sharing. */
  readonly viewer: Viewer | null;
  /** Somebody is signed in, whoever it is. */
  readonly isSignedIn: boolean;
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
  const isSignedIn = viewer !== null;
  return { viewer, isSignedIn, connectionId, chat, loaders: createLoaders(chat, viewer, shared) };
}

/** The signed-in viewer. Throws UNAUTHENTICATED when there is none. */
export function viewerOf(context: Context): Viewer {
  const { viewer } = context;
  if (viewer === null) throw unauthenticated();
  return viewer;
}
