/** The contexts of delivered events: for all who are told of one at once, or for each of them. */
import type { EventLoaders } from '../loaders/event-loaders.ts';
import { makeTenantLoaders } from '../loaders/loaders.ts';
import { makeCrowd } from '../loaders/viewer-loaders.ts';
import { someoneOf, whoIs } from '../loaders/who.ts';
import type { Chat } from '../src/chat/chat.ts';
import type { Viewer } from '../src/chat/viewer.ts';
import { type Context, createContext } from './context.ts';
import { SharedContext } from './shared-context.ts';

export interface EventContexts {
  /** Of one execution for all of an organization. Without the event: with loaders that share nothing. */
  forAll(viewer: Viewer | null, event?: unknown): SharedContext;
  /** Of executions for each, within one tick. */
  forEach(
    viewer: Viewer | null,
    event?: unknown,
  ): (caller: { readonly viewer: Viewer | null; readonly connectionId: string | null }) => Context;
}

export const createEventContexts = (chat: Chat, loaders: EventLoaders): EventContexts => ({
  forAll: (viewer, event) => new SharedContext(chat, viewer, loaders.of(viewer, event)),
  forEach: (viewer, event) => {
    const crowd = makeCrowd(chat);
    const shared = loaders.of(viewer, event) ?? makeTenantLoaders(chat, whoIs(viewer && someoneOf(viewer)));
    return (caller) => createContext({ ...caller, chat, shared, crowd });
  },
});
