/** Whose loaders these are: asked for when something is loaded, so that a context without a viewer has loaders too. */
import { unauthenticated } from '../src/chat/errors.ts';
import type { Viewer } from '../src/chat/viewer.ts';

export type Who = () => Viewer;

/** Throws UNAUTHENTICATED when nobody is signed in. */
export const whoIs =
  (viewer: Viewer | null): Who =>
  () => {
    if (viewer === null) throw unauthenticated();
    return viewer;
  };
