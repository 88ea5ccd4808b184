/**
 * The shapes of what replicas tell each other. Whatever comes over the bus is checked here before it is believed;
 * what does not fit is dropped and counted. Fields that a newer replica adds are ignored, as they would be when
 * read from the log.
 */
import { z } from 'zod';
import type { JsonObject } from '../chat/json.ts';
import { limits } from '../chat/limits.ts';
import type { Signal } from '../chat/live/port.ts';
import type { ChangeEntry, ChangeKind, MessageEntry, ReactionSummary } from '../chat/log/entries.ts';
import type { LogRow } from '../chat/log/port.ts';

/** True for what this replica said itself: it was heard directly before, and need not be looked at again. */
export const isFrom = (replicaId: string, payload: unknown): boolean =>
  typeof payload === 'object' && payload !== null && 'from' in payload && payload.from === replicaId;

const id = z.string().min(1).max(200);
const number = z.int().min(1);

// What was parsed from JSON is JSON already: only that it is an object needs a look.
const jsonObject = z.custom<JsonObject>((v) => typeof v === 'object' && v !== null && !Array.isArray(v));

const mention = z.object({
  kind: z.enum(['USER', 'CHANNEL', 'HERE']),
  userId: id.exactOptional(),
  start: z.int().min(0),
  length: z.int().min(0),
});

const content = {
  text: z.string(),
  metadata: jsonObject.nullable(),
  mentions: z.array(mention).readonly(),
};

export const messageEntry = z.object({
  ...content,
  authorId: id,
  clientMessageId: id,
}) satisfies z.ZodType<MessageEntry>;

const reaction = z.object({
  count: number,
  since: z.int().min(0),
  first: z.array(id).readonly(),
}) satisfies z.ZodType<ReactionSummary>;

/** A publication with a kind that a newer version knows is dropped, and the log is read instead. */
const kinds = [
  'MEMBER_JOINED',
  'MEMBER_LEFT',
  'CHANNEL_UPDATED',
  'EDITED',
  'DELETED',
  'REACTION_ADDED',
  'REACTION_REMOVED',
  'PINNED',
  'UNPINNED',
  'THREAD_OPENED',
] as const satisfies readonly ChangeKind[];

const changeEntry = z.object({
  kind: z.enum(kinds),
  head: z.int().min(0),
  actorId: id,
  userId: id.nullable(),
  seq: number.exactOptional(),
  content: z.object(content).exactOptional(),
  earlierEdits: z.array(number).readonly().exactOptional(),
  emoji: id.exactOptional(),
  reaction: reaction.nullable().exactOptional(),
  addedRev: number.exactOptional(),
  threadId: id.exactOptional(),
}) satisfies z.ZodType<ChangeEntry>;

const row = <Entry>(entry: z.ZodType<Entry>): z.ZodType<LogRow<Entry>> =>
  z.object({ seq: number, at: z.number(), sendKey: z.string(), entry });

const signalText = z.string().min(1).max(limits.signalNameUnits);

export const signalShape = z.object({
  userId: id,
  name: signalText,
  payload: jsonObject.nullable(),
  key: signalText.nullable(),
  sentAt: z.int().min(0),
}) satisfies z.ZodType<Signal>;

/**
 * On a channel's topic: rows that were saved, all that rendering them needs; or, when they are too large for the bus,
 * how far the logs go; or what is kept nowhere: the root of a thread in which something was said, who types, signals.
 */
export const channelPublication = z.discriminatedUnion('log', [
  z.object({ from: id, log: z.literal('MESSAGES'), rows: z.array(row(messageEntry)).readonly() }),
  z.object({ from: id, log: z.literal('CHANGES'), rows: z.array(row(changeEntry)).readonly() }),
  z.object({ from: id, log: z.literal('HEADS'), seq: z.int().min(0), rev: z.int().min(0) }),
  z.object({ from: id, log: z.literal('THREAD'), rootSeq: number }),
  z.object({ from: id, log: z.literal('TYPING'), userId: id }),
  z.object({ from: id, log: z.literal('SIGNAL'), signal: signalShape }),
]);

/** On a user's topic: their own membership was made or changed. */
export const membershipPublication = z.object({
  from: id,
  channelId: id,
  membershipId: id,
  isNew: z.boolean(),
});

/** On a user's topic: a message that they are to be alerted of. */
export const alertPublication = z.object({
  from: id,
  alert: z.object({
    channelId: id,
    seq: number,
    reason: z.enum(['MENTION', 'DIRECT_MESSAGE', 'NOTIFY_ALWAYS', 'THREAD_REPLY']),
    /** When the message was sent, milliseconds since the epoch. */
    at: z.int().min(0).max(8_640_000_000_000_000),
    membershipId: id,
    parentId: id.nullable(),
  }),
});

const pair = z.tuple([id, id]);

/** On the heartbeat topic. Numbered from 1, so that a lost one shows at the next. */
export const beatPublication = z.object({
  from: id,
  n: number,
  /** The last one: the replica ends. */
  isLeaving: z.boolean(),
  /** Whose publications were not confirmed: pairs of organization and channel, organization and user. */
  channels: z.array(pair).readonly(),
  users: z.array(pair).readonly(),
  /** More than can be named: anything may have been missed. */
  isAll: z.boolean(),
});
export type Beat = z.infer<typeof beatPublication>;

const ended = {
  from: id,
  requestId: id,
  organizationId: id,
  userId: id,
  membershipRev: z.int().min(0).nullable(),
};

/** On the revocation topic; each edge answers it on the asker's inbox. */
export const revocationPublication = z.union([
  z.object({
    ...ended,
    channelId: id,
    membershipId: id.nullable(),
    reason: z.enum(['LEFT', 'REMOVED']),
    mayStillRead: z.boolean(),
  }),
  z.object({
    ...ended,
    channelId: z.null(),
    membershipId: z.null(),
    reason: z.literal('DEACTIVATED'),
    mayStillRead: z.literal(false),
  }),
]);

export const confirmationPublication = z.object({ from: id, requestId: id });
