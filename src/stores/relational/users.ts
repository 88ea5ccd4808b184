/** People of an organization. */
import { sql } from 'kysely';
import type { User, UserStore } from '../../chat/people/port.ts';
import type { Database } from './database.ts';
import { gathered, roundsOf } from './gathered.ts';
import { keptRowsOf } from './kept-rows.ts';
import { type KeysetSource, keysetSlice } from './keyset.ts';
import { lookupsById } from './lookups.ts';
import { nameKey, searchCondition } from './names.ts';
import { byNameKey } from './orders.ts';
import { provisioning } from './provisioning.ts';
import { revoke } from './revocations.ts';
import type { Queries, UserRow } from './tables.ts';
import { userOf } from './user-row.ts';
import { areUuids } from './uuids.ts';

const order = byNameKey('u1', sql.ref('name_key'));

async function usersByIds(
  db: Queries,
  organizationId: string,
  ids: readonly string[],
): Promise<readonly User[]> {
  const rows = await db
    .selectFrom('users')
    .selectAll()
    .where('organization_id', '=', organizationId)
    .where('id', '=', sql<string>`any(${ids}::uuid[])`)
    .execute();
  return rows.map(userOf);
}

interface Subject {
  readonly organizationId: string;
  readonly subject: string;
}

/** Everybody who is heard is looked up by their token's subject, once a second: those of one moment together. */
function subjectLookups(database: Database) {
  const ask = gathered(roundsOf(database), async (asked: readonly Subject[]) => {
    const rows = await database.run(async (db) => {
      const found = await sql<UserRow>`
        select users.* from users
        join (
          select distinct organization_id, subject from unnest(
            ${asked.map((one) => one.organizationId)}::uuid[],
            ${asked.map((one) => one.subject)}::text[]
          ) as asked (organization_id, subject)
        ) as asked using (organization_id, subject)`.execute(db);
      return found.rows.map(userOf);
    });
    const found = new Map(rows.map((user) => [`${user.organizationId}/${user.subject}`, user]));
    return asked.map(({ organizationId, subject }) => found.get(`${organizationId}/${subject}`) ?? null);
  });
  const kept = keptRowsOf<User>(database, 'users');
  return async (organizationId: string, subject: string): Promise<User | null> => {
    if (!areUuids(organizationId)) return null;
    if (kept === null) return ask({ organizationId, subject });
    const [user = null] = await kept.of(organizationId, [subject], async () => [
      await ask({ organizationId, subject }),
    ]);
    return user;
  };
}

export const createUserStore = (database: Database): UserStore => ({
  bySubject: subjectLookups(database),

  provision: provisioning(database),

  byIds: lookupsById(database, 'users', usersByIds).byIds,

  byHandles: (organizationId, handles) =>
    database.run(async (db) => {
      if (handles.length === 0 || !areUuids(organizationId)) return [];
      const rows = await db
        .selectFrom('users')
        .selectAll()
        .where('organization_id', '=', organizationId)
        .where('handle', '=', sql<string>`any(${[...new Set(handles)]}::text[])`)
        .execute();
      return rows.map(userOf);
    }),

  page: (organizationId, page) =>
    database.run(async (db) => {
      if (!areUuids(organizationId)) return { items: [], hasNext: false, hasPrevious: false };
      const search = searchCondition(page.search);
      const source: KeysetSource = {
        columns: sql`users.*`,
        from: sql`users`,
        where: sql<boolean>`organization_id = ${organizationId}${search === null ? sql`` : sql` and ${search}`}`,
        id: sql.ref('id'),
        order,
      };
      return keysetSlice<UserRow, User>(db, source, page, userOf);
    }),

  updateProfile: ({ organizationId, userId, name, avatarUrl }) =>
    database.run(async (db) => {
      if (!areUuids(organizationId, userId)) return null;
      const row = await db
        .updateTable('users')
        .set({
          ...(name === undefined ? {} : { name, name_key: nameKey(name) }),
          avatar_url: avatarUrl === undefined ? sql<string | null>`avatar_url` : avatarUrl,
        })
        .where('organization_id', '=', organizationId)
        .where('id', '=', userId)
        .returningAll()
        .executeTakeFirst();
      return row === undefined ? null : userOf(row);
    }),

  deactivate: (organizationId, handle) =>
    database.transaction(async (db) => {
      if (!areUuids(organizationId)) return null;
      const known = await db
        .selectFrom('users')
        .selectAll()
        .where('organization_id', '=', organizationId)
        .where('handle', '=', handle)
        .forNoKeyUpdate()
        .executeTakeFirst();
      // A repeat leaves the first time standing, and what every edge was told then.
      if (known === undefined || known.deactivated_at !== null) return known ? userOf(known) : null;
      const row = await db
        .updateTable('users')
        .set({ deactivated_at: sql<Date>`now()` })
        .where('organization_id', '=', organizationId)
        .where('id', '=', known.id)
        .returningAll()
        .executeTakeFirstOrThrow();
      const ended = { organizationId, userId: known.id, channelId: null, membershipId: null };
      await revoke(db, { ...ended, reason: 'DEACTIVATED', mayStillRead: false });
      return userOf(row);
    }),
});
