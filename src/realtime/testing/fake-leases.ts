/** Leases and ended rights of a test, kept in memory as Postgres keeps them; may be held up, or be away. */
import { unavailable } from '../../chat/errors.ts';
import type { LeaseStore, Revoked, RevokedPosition } from '../../chat/live/leases.ts';

export interface FakeLeases {
  readonly store: LeaseStore;
  isDown: boolean;
  /** The store's own clock, which the edges know nothing of. */
  now: () => number;
  /** Runs after an answer was found and before it is given. */
  beforeAnswer: (method: keyof LeaseStore) => Promise<void>;
  /** Told of nothing that was committed so far. */
  forget(): void;
  commit(revoked: Omit<Revoked, 'rev'>): Revoked;
}

interface Lease {
  round: number;
  carried: number;
  expiresAt: number;
}

export function fakeLeases(): FakeLeases {
  const leases = new Map<string, Lease>();
  const revoked: Revoked[] = [];
  let forgotten = 0;
  const answer = async <T>(method: keyof LeaseStore, read: () => T): Promise<T> => {
    if (fake.isDown) throw unavailable('database');
    const result = read();
    await fake.beforeAnswer(method);
    return result;
  };
  const fake: FakeLeases = {
    isDown: false,
    now: () => performance.now(),
    beforeAnswer: async () => undefined,
    forget() {
      forgotten = revoked.length;
    },
    commit(ended) {
      const one: Revoked = { ...ended, rev: revoked.length + 1 };
      revoked.push(one);
      return one;
    },
    store: {
      extend: (edgeId, round, leaseMs) =>
        answer('extend', () => {
          const known = leases.get(edgeId);
          const expiresAt = Math.max(fake.now() + leaseMs, known?.expiresAt ?? 0);
          leases.set(edgeId, {
            round: Math.max(round, known?.round ?? 0),
            carried: known?.carried ?? 0,
            expiresAt,
          });
        }),
      revokedSince: (position) =>
        answer('revokedSince', () => {
          const from = position === null ? revoked.length : Number(position);
          return {
            revoked: revoked.slice(from),
            position: String(revoked.length) as RevokedPosition,
            isComplete: from >= forgotten,
          };
        }),
      carriedOut: (edgeId, round) =>
        answer('carriedOut', () => {
          const lease = leases.get(edgeId);
          if (lease !== undefined) lease.carried = Math.max(lease.carried, round);
        }),
      live: () =>
        answer('live', () =>
          [...leases]
            .filter(([, { expiresAt }]) => expiresAt > fake.now())
            .map(([edgeId, { round, carried }]) => ({ edgeId, round, carried })),
        ),
      end: (edgeId) => answer('end', () => void leases.delete(edgeId)),
      offered: () => answer('offered', () => []),
      prune: () => answer('prune', () => undefined),
    },
  };
  return fake;
}
