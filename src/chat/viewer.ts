/**
 * Who asks, made from a verified token and nothing else: the organization of every read and write comes from
 * here, never from an argument (promise 8, tenants never meet).
 */
export interface Tenant {
  readonly organizationId: string;
  readonly slug: string;
  /** Name of the cell that keeps the organization's logs. */
  readonly cell: string;
  /** Epoch of the cell's numbering, raised by a restore from backup; part of every event cursor. */
  readonly epoch: number;
}

export interface Viewer {
  readonly tenant: Tenant;
  readonly userId: string;
  readonly handle: string;
  readonly isAdmin: boolean;
  /** When the token ends, milliseconds since the epoch. */
  readonly expiresAt: number;
}
