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

type Ours = keyof typeof closeReasons;
const ours = Object.keys(closeReasons) as readonly Ours[];

/** Why a socket closed, in one of a few words: for counting. */
export type CloseKind = Ours | 'client' | 'lost' | 'protocol';

export const closeKinds: readonly CloseKind[] = [...ours, 'client', 'lost', 'protocol'];

/** What a client sends, or leaves out, when it is done. */
const BY_CLIENT: ReadonlySet<number> = new Set([1000, 1001, 1005]);
const LOST = 1006;

export function closeKindOf({ code, reason }: CloseReason): CloseKind {
  if (code === LOST) return 'lost';
  const known = ours.find((kind) => closeReasons[kind].code === code && closeReasons[kind].reason === reason);
  return known ?? (BY_CLIENT.has(code) ? 'client' : 'protocol');
}
