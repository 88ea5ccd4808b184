/**
 * What an export's files must look like to be used. Ids, names and times are required; whatever else is missing or
 * of another type counts as absent, because a strange profile field must not lose a person or a message.
 */
import { z } from 'zod';

const text = z.string().nullish().catch(null);
const flag = z.boolean().nullish().catch(null);
const count = z.number().nullish().catch(null);
/** Slack's ids: U…, W…, B…, C…, G…, D…. */
const id = z.string().regex(/^[A-Za-z0-9._-]{1,64}$/);

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
});
export type SlackUser = z.infer<typeof slackUser>;

const note = z.object({ value: text }).nullish().catch(null);

export const slackChannel = z.object({
  id,
  /** Also the name of its folder, hence one plain path segment. */
  name: z.string().regex(/^(?!\.{1,2}$)[^/\\\0]{1,200}$/),
  created: count,
  creator: text,
  is_archived: flag,
  members: z.array(z.string()).nullish().catch(null),
  topic: note,
  purpose: note,
});
export type SlackChannel = z.infer<typeof slackChannel>;

/** Unknown fields are left out here: those worth keeping are read from the raw object (metadata.ts). */
export const slackMessage = z.object({
  type: z.literal('message').optional(),
  /** Seconds and a six-digit counter: the time, and the name of the message in its channel. */
  ts: z.string().regex(/^\d{1,11}\.\d{1,9}$/),
  user: text,
  text,
  subtype: text,
  username: text,
  bot_id: text,
  user_profile: profile,
  bot_profile: z.object({ name: text }).nullish().catch(null),
});
export type SlackMessage = z.infer<typeof slackMessage>;
