/**
 * Edge leases and ended rights, as kept in the relational store. A port of the realtime part: what is written here by
 * whoever ends a right is what every edge finds at its next renewal, whatever the bus does. Why that is enough is said
 * in src/realtime/revocations.ts.
 */

import type { EdgeOffer, OfferedEdge } from '../endpoints/port.ts';

/** The end of a right, as it was committed together with what it ends. */
export interface Revoked {
  readonly organizationId: string;
  /** The organization's number for it, in the order of commits. */
  readonly rev: number;
  readonly userId: string;
  /** Null: the person was deactivated, and may see nothing any more. */
  readonly channelId: string | null;
  readonly membershipId: string | null;
  readonly reason: 'LEFT' | 'REMOVED' | 'DEACTIVATED';
  /** Of a channel that was public then: who is no member may still read it. */
  readonly mayStillRead: boolean;
}

/** Everything committed up to some moment, in a way that only the store can read. */
export type RevokedPosition = string & { readonly __brand: 'RevokedPosition' };

export interface RevokedSince {
  readonly revoked: readonly Revoked[];
  /** Where the next question goes on from. */
  readonly position: RevokedPosition;
  /** False: the store cannot tell (any more) all that was committed since; anything may have ended. */
  readonly isComplete: boolean;
}

export interface EdgeLease {
  readonly edgeId: string;
  /** Number of the newest renewal that was begun. */
  readonly round: number;
  /** Number of the newest renewal whose revocations were carried out, all earlier ones' too. */
  readonly carried: number;
}

export interface LeaseStore {
  /**
   * Begins a renewal: the lease lasts `leaseMs` from now by the store's clock. Committed when it resolves: what is read
   * by `revokedSince` afterwards contains all that was committed before anybody could see this lease as lapsed.
   * @param offer what the edge says of itself while it takes connections; else null.
   */
  extend(edgeId: string, round: number, leaseMs: number, offer?: EdgeOffer | null): Promise<void>;
  /**
   * What was committed since, at least once each: some may come again. Null: from now on. Order is of no meaning.
   */
  revokedSince(position: RevokedPosition | null): Promise<RevokedSince>;
  /** Everything read in this round and before was carried out. */
  carriedOut(edgeId: string, round: number): Promise<void>;
  /** The leases that have not lapsed. */
  live(): Promise<readonly EdgeLease[]>;
  /** Those of them that take connections. */
  offered(): Promise<readonly OfferedEdge[]>;
  /** The edge sends nothing any more, for good. */
  end(edgeId: string): Promise<void>;
  /** Forgets what is of no use any more: revocations after a day, leases a while after they lapsed. */
  prune(): Promise<void>;
}
