/** The contexts of delivered events: for all who are told of one at once, or for those who differ in what they see. */
import type { EventLoaders } from '../loaders/event-loaders.ts';
import { makeTenantLoaders } from '../loaders/loaders.ts';
import { someoneOf, whoIs } from '../loaders/who.ts';
import type { Chat } from '../src/chat/chat.ts';
import type { Viewer } from '../src/chat/viewer.ts';
import { SharedContext } from './shared-context.ts';
import { ViewersOfEvent } from './viewer-context.ts';

export interface EventContexts {
  /** Of one execution for all of an organization. Without the event: with loaders that share nothing. */
  forAll(viewer: Viewer | null, event?: unknown): SharedContext;
  /** Of executions for viewers of one organization. */
  forEach(viewer: Viewer | null, event?: unknown): ViewersOfEvent;
}

export const createEventContexts = (chat: Chat, loaders: EventLoaders): EventContexts => ({
  forAll: (viewer, event) => new SharedContext(chat, viewer, loaders.of(viewer, event)),
  forEach: (viewer, event) => {
    const shared = loaders.of(viewer, event) ?? makeTenantLoaders(chat, whoIs(viewer && someoneOf(viewer)));
    return new ViewersOfEvent(chat, shared);
  },
});
