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

/**
 * Somebody of the organization, whoever it is: what loads for all of them must not ask who. One is made for each, so
 * that nothing of it is shared between organizations.
 */
export const someoneOf = ({ tenant, expiresAt }: Viewer): Viewer => ({
  tenant,
  expiresAt,
  get userId(): string {
    throw new Error('what is loaded for all asked who the viewer is');
  },
  get handle(): string {
    throw new Error('what is loaded for all asked for the handle of the viewer');
  },
  get isAdmin(): boolean {
    throw new Error('what is loaded for all asked for the role of the viewer');
  },
});
