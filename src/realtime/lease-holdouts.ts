/**
 * The edges that one revocation still waits for. Known from the first look at the leases after its commit: an edge that
 * is not among the live ones then begins, or goes on, with a renewal that reads what was committed before. Of those that
 * are: each until it has confirmed, carried out a renewal that it began after that look, or let its lease lapse.
 */
import type { EdgeLease } from '../chat/live/leases.ts';

export class Holdouts {
  readonly #self: string;
  readonly #confirmed = new Set<string>();
  /** By edge: the newest renewal that it had begun at the first look. Null: nobody has looked yet. */
  #waitedFor: Map<string, number> | null = null;

  constructor(self: string) {
    this.#self = self;
  }

  /** What a look at the leases has shown; each look begins after the one before has ended. */
  looked(live: readonly EdgeLease[]): void {
    if (this.#waitedFor === null) {
      const others = live.filter(({ edgeId }) => edgeId !== this.#self && !this.#confirmed.has(edgeId));
      this.#waitedFor = new Map(others.map(({ edgeId, round }) => [edgeId, round]));
      return;
    }
    const leases = new Map(live.map((lease) => [lease.edgeId, lease]));
    for (const [edgeId, round] of this.#waitedFor) {
      const lease = leases.get(edgeId);
      if (lease === undefined || lease.carried > round) this.#waitedFor.delete(edgeId);
    }
  }

  /** The edge has carried the revocation out. */
  confirmed(edgeId: string): void {
    this.#confirmed.add(edgeId);
    this.#waitedFor?.delete(edgeId);
  }

  get isSettled(): boolean {
    return this.#waitedFor !== null && this.#waitedFor.size === 0;
  }

  /** For the log; null before the first look. */
  get edges(): readonly string[] | null {
    return this.#waitedFor === null ? null : [...this.#waitedFor.keys()];
  }
}
