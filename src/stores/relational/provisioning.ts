/**
 * People who are new: made at their first token, those of one moment together. Each organization makes people one at a
 * time, so that everybody gets the smallest free handle: a crowd that came one by one would stand in line for that
 * lock, with a connection of the database for each, until nobody else gets one.
 */
import { sql } from 'kysely';
import { ChatError, notFound } from '../../chat/errors.ts';
import { uuidv7 } from '../../chat/ids.ts';
import type { User, UserStore } from '../../chat/people/port.ts';
import type { Database } from './database.ts';
import { freeHandles } from './free-handle.ts';
import { gathered, roundsOf } from './gathered.ts';
import { nameKey } from './names.ts';
import type { Queries, UserRow } from './tables.ts';
import { userOf } from './user-row.ts';
import { areUuids } from './uuids.ts';

type Input = Parameters<UserStore['provision']>[0];
type Outcome = { readonly user: User } | { readonly error: unknown };

export function provisioning(database: Database): UserStore['provision'] {
  const make = gathered(roundsOf(database), (inputs: readonly Input[]) => outcomesOf(database, inputs));
  return async (input) => {
    if (!areUuids(input.organizationId)) throw notFound('The organization');
    const outcome = await make(input);
    if ('error' in outcome) throw outcome.error;
    return outcome.user;
  };
}

/** A transaction for each organization. */
async function outcomesOf(database: Database, inputs: readonly Input[]): Promise<readonly Outcome[]> {
  const outcomes = new Map<Input, Outcome>();
  const byOrganization = Map.groupBy(inputs, ({ organizationId }) => organizationId);
  await Promise.all(
    [...byOrganization.values()].map(async (some) => {
      const made = await together(database, some);
      for (const [i, input] of some.entries()) outcomes.set(input, made[i] ?? MISSING);
    }),
  );
  return inputs.map((input) => outcomes.get(input) ?? MISSING);
}

const MISSING: Outcome = { error: new Error('a person was asked for and not made') };

async function together(database: Database, inputs: readonly Input[]): Promise<readonly Outcome[]> {
  try {
    const users = await database.transaction((db) => provisioned(db, inputs));
    return users.map((user) => ({ user }));
  } catch (error) {
    if (inputs.length === 1 || isOfAll(error)) return inputs.map(() => ({ error }));
    // One that the database does not take must not keep out the others.
    const alone: Outcome[] = [];
    for (const input of inputs) alone.push(...(await together(database, [input])));
    return alone;
  }
}

const isOfAll = (error: unknown): boolean =>
  error instanceof ChatError && (error.code === 'UNAVAILABLE' || error.code === 'NOT_FOUND');

/** Of one organization, in their order; who is there already stays as they are. */
async function provisioned(db: Queries, inputs: readonly Input[]): Promise<readonly User[]> {
  const organizationId = inputs[0]?.organizationId ?? '';
  const organization = await db
    .selectFrom('organizations')
    .select('id')
    .where('id', '=', organizationId)
    .forNoKeyUpdate()
    .executeTakeFirst();
  if (organization === undefined) throw notFound('The organization');
  const wanted = new Map(inputs.map((input) => [input.subject, input]));
  const there = await db
    .selectFrom('users')
    .selectAll()
    .where('organization_id', '=', organizationId)
    .where('subject', '=', sql<string>`any(${[...wanted.keys()]}::text[])`)
    .execute();
  const users = new Map(there.map((row) => [row.subject, userOf(row)]));
  const fresh = [...wanted.values()].filter(({ subject }) => !users.has(subject));
  for (const row of await insert(db, organizationId, fresh)) users.set(row.subject, userOf(row));
  return inputs.map(({ subject }) => {
    const user = users.get(subject);
    if (user === undefined) throw new Error('a person was inserted and not given back');
    return user;
  });
}

async function insert(
  db: Queries,
  organizationId: string,
  people: readonly Input[],
): Promise<readonly UserRow[]> {
  if (people.length === 0) return [];
  const handles = await freeHandles(
    db,
    organizationId,
    people.map(({ handle }) => handle),
  );
  // Lists, and not a row of parameters for each: so it is the same statement however many they are.
  const { rows } = await sql<UserRow>`
    insert into users (organization_id, id, subject, handle, name, name_key, avatar_url, is_bot)
    select ${organizationId}::uuid, * from unnest(
      ${people.map(() => uuidv7(Date.now()))}::uuid[],
      ${people.map(({ subject }) => subject)}::text[],
      ${handles}::text[],
      ${people.map(({ name }) => name)}::text[],
      ${people.map(({ name }) => nameKey(name))}::text[],
      ${people.map(({ avatarUrl }) => avatarUrl ?? null)}::text[],
      ${people.map(({ isBot }) => isBot ?? false)}::boolean[]
    )
    returning *`.execute(db);
  return rows;
}
