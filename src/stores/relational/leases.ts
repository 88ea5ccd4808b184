/**
 * Edge leases and the feed of ended rights.
 *
 * The feed goes by transactions. A position is the oldest transaction that was still under way at the last look (the
 * snapshot's xmin): all older ones were finished and seen, so that only rows of it and of younger ones can be new.
 * Numbers or times would not do: they are taken before the commit, and a row committed late would be behind them.
 */
import { sql } from 'kysely';
import type { LeaseStore, Revoked, RevokedPosition, RevokedSince } from '../../chat/live/leases.ts';
import type { Database } from './database.ts';
import { deleteOldest } from './pruning.ts';
import type { RevocationTable } from './tables.ts';

/** More than this at once is not told one by one: who asks takes everything for ended. */
const MOST = 10_000;
/**
 * After a failover or restart, all of this age is told again. A standby that lacked the last transactions gives their
 * ids to others, which a position of the old server would pass over.
 */
const TOLD_AGAIN = sql`interval '10 minutes'`;
const KEPT = sql`interval '1 day'`;
/** Rows forgotten at a time, by each edge every few minutes. */
const PRUNED = 10_000;
/** A position as old as this may be from before something that was forgotten. */
const TOO_OLD_MS = 12 * 3_600_000;
const LAPSED_FOR = sql`interval '1 minute'`;

interface Position {
  /** Names the run of the server. */
  readonly server: string;
  readonly xmin: string;
  /** By the database's clock, in milliseconds. */
  readonly at: number;
}

interface Row extends Position {
  readonly organization_id: string | null;
  readonly rev: string | number;
  readonly user_id: string;
  readonly channel_id: string | null;
  readonly membership_id: string | null;
  readonly reason: RevocationTable['reason'];
  readonly may_still_read: boolean;
}

const encode = ({ server, xmin, at }: Position): RevokedPosition =>
  JSON.stringify({ server, xmin, at }) as RevokedPosition;
const decode = (position: RevokedPosition): Position => JSON.parse(position);

export const createLeaseStore = (database: Database): LeaseStore => ({
  extend: (edgeId, round, leaseMs, offer = null) =>
    database.run(async (db) => {
      // clock_timestamp(), not now(): what was waited for within the statement must not shorten the lease others see.
      await sql`insert into edge_leases (edge_id, round, url, connections, expires_at)
        values (${edgeId}, ${round}, ${offer?.url ?? null}, ${offer?.connections ?? 0},
          clock_timestamp() + ${leaseMs}::double precision * interval '1 millisecond')
        on conflict (edge_id) do update set
          url = case when excluded.round >= edge_leases.round then excluded.url else edge_leases.url end,
          connections = case when excluded.round >= edge_leases.round
            then excluded.connections else edge_leases.connections end,
          round = greatest(edge_leases.round, excluded.round),
          expires_at = greatest(edge_leases.expires_at, excluded.expires_at)`.execute(db);
    }),

  revokedSince: (position) =>
    database.run(async (db): Promise<RevokedSince> => {
      const since = position === null ? null : decode(position);
      const { rows } = await sql<Row>`
        with look as (
          select pg_postmaster_start_time()::text as server,
            pg_snapshot_xmin(pg_current_snapshot())::text as xmin,
            (extract(epoch from clock_timestamp()) * 1000)::double precision as at
        )
        select look.*, organization_id, rev, user_id, channel_id, membership_id, reason, may_still_read
        from look left join lateral (
          select * from revocations
          where ${since !== null}::boolean and tx >= ${since?.xmin ?? '0'}::text::xid8
          union all
          -- While the server is the same, none of these are read.
          select * from revocations
          where ${since !== null}::boolean and look.server <> ${since?.server ?? ''}
            and tx < ${since?.xmin ?? '0'}::text::xid8 and revocations.at > now() - ${TOLD_AGAIN}
          limit ${MOST + 1}
        ) as ended on true`.execute(db);
      const [look] = rows;
      if (look === undefined) throw new Error('a look without a row');
      const revoked = rows.flatMap((row): readonly Revoked[] =>
        row.organization_id === null ? [] : [revokedOf(row, row.organization_id)],
      );
      return {
        revoked,
        position: encode(look),
        isComplete: revoked.length <= MOST && isContinued(since, look),
      };
    }),

  carriedOut: (edgeId, round) =>
    database.run(async (db) => {
      await sql`update edge_leases set carried = greatest(carried, ${round}) where edge_id = ${edgeId}`.execute(
        db,
      );
    }),

  live: () =>
    database.run(async (db) => {
      const rows = await db
        .selectFrom('edge_leases')
        .select(['edge_id', 'round', 'carried'])
        .where('expires_at', '>', sql<Date>`clock_timestamp()`)
        .execute();
      return rows.map((row) => ({
        edgeId: row.edge_id,
        round: Number(row.round),
        carried: Number(row.carried),
      }));
    }),

  offered: () =>
    database.run(async (db) => {
      const rows = await db
        .selectFrom('edge_leases')
        .select(['edge_id', 'round', 'url', 'connections'])
        .where('expires_at', '>', sql<Date>`clock_timestamp()`)
        .where('url', 'is not', null)
        .orderBy('edge_id')
        .execute();
      return rows.flatMap(({ edge_id: edgeId, round, url, connections }) =>
        url === null ? [] : [{ edgeId, url, connections, round: Number(round) }],
      );
    }),

  end: (edgeId) =>
    database.run(async (db) => {
      await db.deleteFrom('edge_leases').where('edge_id', '=', edgeId).execute();
    }),

  prune: () =>
    database.run(async (db) => {
      await deleteOldest(db, 'revocations', sql`now() - ${KEPT}`, PRUNED);
      await sql`delete from edge_leases where expires_at < now() - ${LAPSED_FOR}`.execute(db);
    }),
});

/** False where rows between the two looks may be missing: forgotten meanwhile, or of a database that was set back. */
function isContinued(since: Position | null, look: Position): boolean {
  if (since === null) return true;
  return look.at - since.at < TOO_OLD_MS && BigInt(look.xmin) >= BigInt(since.xmin);
}

const revokedOf = (row: Row, organizationId: string): Revoked => ({
  organizationId,
  rev: Number(row.rev),
  userId: row.user_id,
  channelId: row.channel_id,
  membershipId: row.membership_id,
  reason: row.reason,
  mayStillRead: row.may_still_read,
});
