/** Why the edge closes a socket. Clients act on the code: the contract's table says how. */
export interface CloseReason {
  readonly code: number;
  readonly reason: string;
  /** What waits to be written is not written any more: it is not for this client, or too much for it. */
  readonly dropsWaiting?: true;
}

export const closeReasons = {
  /** No valid token, or a person who was shut out: final. */
  unauthorized: { code: 4401, reason: 'unauthorized', dropsWaiting: true },
  /** The token ended: come back with a new one. */
  tokenExpired: { code: 4403, reason: 'token expired' },
  tooManyConnections: { code: 4429, reason: 'too many connections' },
  /** The socket's bounded queue overflowed: come back with the last cursors. */
  slowConsumer: { code: 1013, reason: 'slow consumer', dropsWaiting: true },
  /** An event could not be delivered whole, or nobody can be looked up now: the same. */
  resume: { code: 1013, reason: 'resume' },
  restarting: { code: 1012, reason: 'restarting' },
} as const satisfies Record<string, CloseReason>;
