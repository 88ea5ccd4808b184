/**
 * The context of an execution for all who are told of an event: it has no viewer. Whatever asks for one throws, and
 * that is noted besides, since a nullable field would turn the error into a null that looks like an answer.
 */

import type { TenantLoaders } from '../loaders/loaders.ts';
import { createSharedLoaders } from '../loaders/shared.ts';
import type { Chat } from '../src/chat/chat.ts';
import type { Viewer } from '../src/chat/viewer.ts';
import type { Context } from './context.ts';

/** Never reaches a client: the result that it is in is thrown away. */
class ViewerAsked extends Error {
  override readonly name = 'ViewerAsked';
}

/** A context, and whether anything asked it for the viewer. */
export class SharedContext {
  readonly value: Context;
  #wasViewerAsked = false;

  /**
   * @param viewer one of those who are told: nothing but the organization is taken from it.
   * @param shared loaders of the event, when it has a place in a channel.
   */
  constructor(chat: Chat, viewer: Viewer | null, shared: TenantLoaders | null) {
    const refuse = (): never => {
      this.#wasViewerAsked = true;
      throw new ViewerAsked('an execution for all asked for the viewer');
    };
    this.value = {
      get viewer() {
        return refuse();
      },
      get connectionId() {
        return refuse();
      },
      isSignedIn: viewer !== null,
      chat,
      loaders: createSharedLoaders(chat, viewer, shared, refuse),
    };
  }

  get wasViewerAsked(): boolean {
    return this.#wasViewerAsked;
  }
}
