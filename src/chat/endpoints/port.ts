/** Which server a person should hold their WebSocket to. */
import type { Viewer } from '../viewer.ts';

export interface Endpoint {
  /** `ws:` or `wss:`; its query names the organization, for balancers, and never anything secret. */
  readonly url: string;
  /** Who has not connected by then asks again. */
  readonly expiresAt: Date;
}

export interface Endpoints {
  /** Throws UNAVAILABLE when no server takes WebSockets now, or none can be looked up. */
  of(viewer: Viewer): Promise<Endpoint>;
}

/** An edge that takes connections: each process its own, though several may share an address behind a balancer. */
export interface OfferedEdge {
  readonly edgeId: string;
  readonly url: string;
  /** WebSockets that it held when it said so. */
  readonly connections: number;
  /** Grows each time it says so. */
  readonly round: number;
}

/** What an edge says of itself. */
export type EdgeOffer = Pick<OfferedEdge, 'url' | 'connections'>;
