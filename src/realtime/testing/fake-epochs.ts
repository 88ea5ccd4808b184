/** The epoch of one replica's one cell, raised when a test says that the replica notices. */
import type { Epochs } from '../../chat/epoch/watch.ts';

export interface FakeEpochs extends Epochs {
  raise(): void;
  /** Another cell was restored. */
  raiseOther(): void;
}

export function fakeEpochs(): FakeEpochs {
  const listeners = new Set<(cell: string, epoch: number) => void>();
  let known = 1;
  const heard = (epoch: number): void => {
    if (epoch <= known) return;
    known = epoch;
    for (const listener of listeners) listener('default', known);
  };
  return {
    of({ epoch }) {
      heard(epoch);
      return known;
    },
    onRaised(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    raise: () => heard(known + 1),
    raiseOther: () => {
      for (const listener of listeners) listener('second', 2);
    },
  };
}
