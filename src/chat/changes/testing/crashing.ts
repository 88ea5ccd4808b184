/** Projections as a replica has them that ends between two steps: from some write on, none reaches the store. */
import { StoreUnreachable } from '../../log/port.ts';
import type { ProjectionStore } from '../port.ts';

export interface Crashing {
  readonly projections: ProjectionStore;
  readonly hasCrashed: () => boolean;
}

/** @param writes how many reach the store. */
export function crashingAfter(writes: number, store: ProjectionStore): Crashing {
  let left = writes;
  let hasCrashed = false;
  const write = async (step: () => Promise<void>): Promise<void> => {
    if (left > 0) {
      left--;
      return step();
    }
    hasCrashed = true;
    throw new StoreUnreachable('the replica has ended');
  };
  return {
    hasCrashed: () => hasCrashed,
    projections: {
      project: (channel, changes) => write(() => store.project(channel, changes)),
      eraseEdits: (channel, revs) => write(() => store.eraseEdits(channel, revs)),
      noteProjected: (channel, rev) => write(() => store.noteProjected(channel, rev)),
      reactionRevs: (refs) => store.reactionRevs(refs),
      reactors: (refs, first) => store.reactors(refs, first),
      pins: (channel, page) => store.pins(channel, page),
    },
  };
}
