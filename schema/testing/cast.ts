/** A world with the people that tests of the API mostly need, in two organizations. */
import type { Viewer } from '../../src/chat/viewer.ts';
import { openWorld, type World } from './world.ts';

export interface Cast {
  readonly world: World;
  readonly ada: Viewer;
  readonly grace: Viewer;
  readonly alan: Viewer;
  /** An admin of the organization. */
  readonly boss: Viewer;
  /** Of another organization. */
  readonly mallory: Viewer;
}

/** Whoever opens it closes its world. */
export async function openCast(): Promise<Cast> {
  const world = await openWorld();
  return {
    world,
    ada: await world.person('acme', 'ada', { name: 'Ada' }),
    grace: await world.person('acme', 'grace', { name: 'Grace' }),
    alan: await world.person('acme', 'alan', { name: 'Alan' }),
    boss: await world.person('acme', 'boss', { isAdmin: true }),
    mallory: await world.person('evil', 'mallory'),
  };
}
