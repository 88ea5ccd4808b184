/** Making channels and DMs so that a repeat, or a race between replicas, gives the same one. */
import { createHash } from 'node:crypto';
import type { Channel, ChannelStore } from '../../chat/channels/port.ts';
import { badInput, conflict, notFound } from '../../chat/errors.ts';
import { channelOf } from './channel-row.ts';
import type { Database } from './database.ts';
import { insertMembers } from './membership-insertion.ts';
import { nameKey } from './names.ts';
import type { ChannelRow, ChannelTable, Queries } from './tables.ts';
import { areUuids, uuidsOf } from './uuids.ts';

type CreateInput = Parameters<ChannelStore['create']>[0];
type DirectMessageInput = Parameters<ChannelStore['openDirectMessage']>[0];

const byKey = (
  db: Queries,
  organizationId: string,
  column: 'id' | 'dm_key',
  value: string,
): Promise<ChannelRow | undefined> =>
  db
    .selectFrom('channels')
    .selectAll()
    .where('organization_id', '=', organizationId)
    .where(column, '=', value)
    .executeTakeFirst();

/**
 * The insert waits for a rival's transaction and yields to it whatever they collide on; the read after it is a
 * statement of its own, so it sees what the rival committed, members included.
 */
const insertOrYield = (
  db: Queries,
  values: Pick<
    ChannelTable,
    | 'organization_id'
    | 'id'
    | 'type'
    | 'visibility'
    | 'posting_policy'
    | 'name'
    | 'handle'
    | 'topic'
    | 'dm_key'
  > & { archived_at?: Date; created_at?: Date; last_activity_at?: Date },
): Promise<ChannelRow | undefined> =>
  db
    .insertInto('channels')
    .values({ ...values, name_key: nameKey(values.name) })
    .onConflict((rival) => rival.doNothing())
    .returningAll()
    .executeTakeFirst();

/** All must be people of the organization, or nothing is made. */
async function addFounders(
  db: Queries,
  channel: ChannelRow,
  userIds: readonly string[],
  role: 'MEMBER' | 'ADMIN',
): Promise<void> {
  const made = await insertMembers(db, {
    organizationId: channel.organization_id,
    channelId: channel.id,
    userIds,
    role,
    checkpoint: 0,
  });
  if (made.length !== userIds.length) throw notFound('One of the people');
}

export function createChannel(database: Database, input: CreateInput): Promise<Channel | 'HANDLE_TAKEN'> {
  const { organizationId, id, creatorId, createdAt, archivedAt } = input;
  return database.transaction(async (db) => {
    if (!areUuids(organizationId)) throw notFound('The organization');
    if (!areUuids(id)) throw badInput('The id of a channel is a UUID.');
    const made = await insertOrYield(db, {
      organization_id: organizationId,
      id,
      type: input.type,
      visibility: input.visibility,
      posting_policy: input.postingPolicy,
      name: input.name,
      handle: input.handle,
      topic: input.topic,
      dm_key: null,
      ...(archivedAt === undefined ? {} : { archived_at: archivedAt }),
      ...(createdAt === undefined ? {} : { created_at: createdAt, last_activity_at: createdAt }),
    });
    if (made === undefined) {
      const first = await byKey(db, organizationId, 'id', id);
      return first === undefined ? 'HANDLE_TAKEN' : channelOf(first);
    }
    if (creatorId !== null) await addFounders(db, made, [creatorId], 'ADMIN');
    const others = [...new Set(input.memberIds)].filter((member) => member !== creatorId);
    await addFounders(db, made, others, 'MEMBER');
    return channelOf(made);
  });
}

/** Names the set of people of a DM. */
const dmKey = (userIds: readonly string[]): string =>
  createHash('sha256').update(userIds.toSorted().join(',')).digest('hex');

export function openDirectMessage(database: Database, input: DirectMessageInput): Promise<Channel> {
  const { organizationId, id } = input;
  const userIds = uuidsOf(input.userIds);
  return database.transaction(async (db) => {
    // An id that is none could be nobody's; leaving it out would open the DM of the others.
    if (!areUuids(organizationId, ...input.userIds) || userIds.length === 0)
      throw notFound('One of the people');
    const key = dmKey(userIds);
    const known = await byKey(db, organizationId, 'dm_key', key);
    if (known !== undefined) return channelOf(known);
    const made = await insertOrYield(db, {
      organization_id: organizationId,
      id,
      type: 'DM',
      visibility: 'PRIVATE',
      posting_policy: 'EVERYONE',
      name: '',
      handle: '',
      topic: '',
      dm_key: key,
    });
    if (made !== undefined) {
      await addFounders(db, made, userIds, 'MEMBER');
      return channelOf(made);
    }
    const rival = await byKey(db, organizationId, 'dm_key', key);
    if (rival === undefined) throw conflict('Another channel has this id.');
    return channelOf(rival);
  });
}
