/** Making threads and their followers, so that a repeat, or a race between replicas, gives the same ones. */
import type { ChannelStore, Membership, MembershipStore } from '../../chat/channels/port.ts';
import { conflict } from '../../chat/errors.ts';
import { channelOf } from './channel-row.ts';
import type { Database } from './database.ts';
import { insertMembers } from './membership-insertion.ts';
import { membersOf } from './membership-row.ts';
import { announceThread, lockChannel } from './outbox.ts';
import type { ChannelRow, Queries } from './tables.ts';
import { areUuids, uuidsOf } from './uuids.ts';

type OpenThread = ChannelStore['openThread'];
type Follow = MembershipStore['follow'];

export function openThread(database: Database, input: Parameters<OpenThread>[0]): ReturnType<OpenThread> {
  const { organizationId, id, root, rootAuthorId, actorId, createdAt } = input;
  return database.transaction(async (db) => {
    if (!areUuids(organizationId, id, root.channelId)) return null;
    // Two who open it at once take turns here, and the second finds the first one's.
    const parent = await lockChannel(db, { organizationId, channelId: root.channelId });
    if (parent === undefined || parent.type === 'THREAD') return null;
    const known = await byRoot(db, organizationId, root);
    if (known !== undefined) return { thread: channelOf(known, parent), followers: [], outbox: null };
    const made = await insertThread(db, parent, { id, seq: root.seq, createdAt: createdAt ?? new Date() });
    const followers = await insertFollowers(db, made, rootAuthorId === null ? [] : [rootAuthorId], 0);
    const change = { organizationId, channelId: root.channelId, actorId };
    const outbox = await announceThread(db, change, { channelId: id, rootSeq: root.seq });
    return { thread: channelOf(made, parent), followers, outbox };
  });
}

const byRoot = (
  db: Queries,
  organizationId: string,
  root: { readonly channelId: string; readonly seq: number },
): Promise<ChannelRow | undefined> =>
  db
    .selectFrom('channels')
    .selectAll()
    .where('organization_id', '=', organizationId)
    .where('parent_id', '=', root.channelId)
    .where('root_seq', '=', root.seq)
    .executeTakeFirst();

async function insertThread(
  db: Queries,
  parent: ChannelRow,
  { id, seq, createdAt }: { readonly id: string; readonly seq: number; readonly createdAt: Date },
): Promise<ChannelRow> {
  const made = await db
    .insertInto('channels')
    .values({
      organization_id: parent.organization_id,
      id,
      type: 'THREAD',
      visibility: parent.visibility,
      posting_policy: parent.posting_policy,
      name: '',
      name_key: '',
      handle: '',
      topic: '',
      dm_key: null,
      parent_id: parent.id,
      root_seq: seq,
      created_at: createdAt,
      last_activity_at: createdAt,
    })
    .onConflict((rival) => rival.doNothing())
    .returningAll()
    .executeTakeFirst();
  if (made === undefined) throw conflict('Another channel has this id.');
  return made;
}

export function follow(database: Database, input: Parameters<Follow>[0]): ReturnType<Follow> {
  const { organizationId, threadId, userIds, checkpoint } = input;
  return database.transaction(async (db) => {
    const nobody = { memberships: [], made: [] };
    if (!areUuids(organizationId, threadId)) return nobody;
    const thread = await db
      .selectFrom('channels')
      .selectAll()
      .where('organization_id', '=', organizationId)
      .where('id', '=', threadId)
      .where('type', '=', 'THREAD')
      .executeTakeFirst();
    if (thread === undefined || thread.parent_id === null) return nobody;
    // Whoever ends memberships of the parent holds its row: they are seen here, or see what is made here. Many may
    // follow at once.
    await db
      .selectFrom('channels')
      .select('id')
      .where('organization_id', '=', organizationId)
      .where('id', '=', thread.parent_id)
      .forShare()
      .execute();
    const made = await insertFollowers(db, thread, userIds, checkpoint);
    const wanted = uuidsOf(userIds);
    if (made.length === wanted.length) return { memberships: made, made };
    return { memberships: await membersOf(db, organizationId, threadId, wanted), made };
  });
}

/** Those of the people who are members of the parent. The caller holds the parent's row. */
async function insertFollowers(
  db: Queries,
  thread: ChannelRow,
  userIds: readonly string[],
  checkpoint: number,
): Promise<readonly Membership[]> {
  if (userIds.length === 0 || thread.parent_id === null) return [];
  const members = await membersOf(db, thread.organization_id, thread.parent_id, uuidsOf(userIds));
  return insertMembers(db, {
    organizationId: thread.organization_id,
    channelId: thread.id,
    userIds: members.map((member) => member.userId),
    role: 'MEMBER',
    checkpoint,
  });
}
