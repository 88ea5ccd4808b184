/**
 * What an export's files must look like to be used. Ids, names and times are required; whatever else is missing or
 * of another type counts as absent, because a strange profile field must not lose a person or a message.
 */
import { z } from 'zod';
import { TS } from './times.ts';

const text = z.string().nullish().catch(null);
const flag = z.boolean().nullish().catch(null);
const count = z.number().nullish().catch(null);
/** Seconds since the epoch, as far as every store holds an instant. */
const seconds = z.int().min(0).max(99_999_999_999).nullish().catch(null);
/** Slack's ids: U…, W…, B…, C…, G…, D…. */
const id = z.string().regex(/^[A-Za-z0-9._-]{1,64}$/);
/** Of a message, where it names another. */
const ts = z.string().regex(TS).nullish().catch(null);
/** A list without those of its entries that are not as they should be. */
const listOf = <T>(entry: z.ZodType<T>) =>
  z
    .array(z.unknown())
    .catch([])
    .transform((entries) => entries.flatMap((raw) => entry.safeParse(raw).data ?? []));

const profile = z
  .object({ real_name: text, display_name: text, name: text, email: text, image_192: text, image_72: text })
  .partial()
  .nullish()
  .catch(null);

export const slackUser = z.object({
  id,
  name: text,
  real_name: text,
  deleted: flag,
  is_bot: flag,
  profile,
  /** In an Enterprise Grid a person has an id in the organization too, and is named by either. */
  enterprise_user: z.object({ id }).nullish().catch(null),
});
export type SlackUser = z.infer<typeof slackUser>;

const note = z.object({ value: text }).nullish().catch(null);
const members = listOf(id).optional();

/** @see SlackPin: `id` is the `ts` of the message. */
const slackPin = z.object({ id: z.string().regex(TS), user: text, created: seconds });
export type SlackPin = z.infer<typeof slackPin>;
const pins = listOf(slackPin).optional();

export const slackChannel = z.object({
  id,
  /** Also the name of its folder, hence one plain path segment. */
  name: z.string().regex(/^(?!\.{1,2}$)[^/\\\0]{1,200}$/),
  created: seconds,
  creator: text,
  is_archived: flag,
  is_private: flag,
  members,
  topic: note,
  purpose: note,
  pins,
});
export type SlackChannel = z.infer<typeof slackChannel>;

/** An entry of dms.json: it has no name, and its folder that of its id. */
export const slackDirect = z.object({ id, members, pins });
export type SlackDirect = z.infer<typeof slackDirect>;

const reaction = z.object({ name: z.string(), users: listOf(id), count });

/** Unknown fields are left out here: those worth keeping are read from the raw object (metadata.ts). */
export const slackMessage = z.object({
  type: z.literal('message').optional(),
  /** Seconds and a six-digit counter: the time, and the name of the message in its channel. */
  ts: z.string().regex(TS),
  user: text,
  text,
  subtype: text,
  username: text,
  bot_id: text,
  user_profile: profile,
  bot_profile: z.object({ name: text }).nullish().catch(null),
  /** Of a reply: its thread's root. A root with replies names itself. */
  thread_ts: ts,
  edited: z
    .object({ user: text, ts: z.string().regex(TS) })
    .nullish()
    .catch(null),
  reactions: listOf(reaction).optional(),
  /** Channels in which it is pinned. */
  pinned_to: listOf(id).optional(),
});
export type SlackMessage = z.infer<typeof slackMessage>;
