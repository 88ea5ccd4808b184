/** Operations whose subscriptions say what the test writes into them. */
import type { Operations } from '../../operation/operations.ts';
import type { Outlet, Rendered } from '../../operation/outlet.ts';
import { testOperations } from '../../operation/testing/test-operations.ts';

export interface Scripted {
  readonly operations: Operations;
  /** Of the subscriptions begun so far, in their order. */
  readonly outlets: Outlet[];
  /** How many of them were stopped. */
  readonly stopped: () => number;
}

export function scriptedOperations(): Scripted {
  const outlets: Outlet[] = [];
  let stopped = 0;
  return {
    outlets,
    stopped: () => stopped,
    operations: {
      ...testOperations(new Set()),
      follow: async (_args, _caller, outlet) => {
        outlets.push(outlet);
        return {
          stop: () => {
            stopped += 1;
          },
        };
      },
    },
  };
}

/** An event that says this. */
export const rendered = (text: string): Rendered => ({ json: JSON.stringify({ data: { text } }) });

/** Writes events numbered from `first` on as long as there is room and fewer than `most` were written. */
export class Writer {
  readonly #outlet: Outlet;
  readonly #most: number;
  readonly #bytes: number;
  written = 0;

  constructor(outlet: Outlet, options: { most?: number; bytes?: number } = {}) {
    this.#outlet = outlet;
    this.#most = options.most ?? Number.POSITIVE_INFINITY;
    this.#bytes = options.bytes ?? 1;
    outlet.onRoom(() => this.pump());
  }

  pump(): void {
    while (this.written < this.#most && this.#outlet.hasRoom) {
      this.written += 1;
      this.#outlet.write(rendered(`${this.written} ${'x'.repeat(this.#bytes)}`), 'channel');
    }
  }
}

/** A delivery gate that the test opens and closes. */
export function testGate() {
  let isOpen = true;
  const listeners = new Set<() => void>();
  return {
    isOpen: () => isOpen,
    onOpened: (listener: () => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => {
      isOpen = false;
    },
    open: () => {
      isOpen = true;
      for (const listener of listeners) listener();
    },
    listeners,
  };
}
