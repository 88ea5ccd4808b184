/** What replicas say to each other when one appends for another; checked before it is believed. */
import { z } from 'zod';
import type { MessageEntry } from '../chat/log/entries.ts';
import type { Send } from '../chat/log/log.ts';
import { messageEntry } from './publication.ts';

const id = z.string().min(1).max(200);

/** With the fields that a newer replica knows, and with what changes made of it: all of it is kept or shown. */
const whole = z.looseObject(messageEntry.shape);

const row = z.object({ seq: z.int().min(1), at: z.number(), sendKey: z.string().min(1), entry: whole });

const send = z.object({
  sendKey: z.string().min(1),
  entry: whole,
  bytes: z.int().min(0),
  searchBack: z.union([
    z.object({ basis: z.int().min(0) }),
    z.object({ since: z.number() }),
    z.literal('ONE_BUCKET'),
  ]),
  at: z.number().exactOptional(),
}) satisfies z.ZodType<Send<MessageEntry>>;

const appendRequest = z.object({
  kind: z.literal('APPEND'),
  from: id,
  /** Of the asker: its answers carry it. */
  id,
  organizationId: id,
  channelId: id,
  sends: z.array(send).readonly(),
});
export type AppendRequest = z.infer<typeof appendRequest>;

export const appendWord = z.discriminatedUnion('kind', [
  appendRequest,
  z.object({ kind: z.literal('TAKEN'), from: id, id }),
  z.object({
    kind: z.literal('DONE'),
    from: id,
    id,
    /** One for each send, in their order. */
    answers: z.array(z.object({ row, isDuplicate: z.boolean() }).nullable()).readonly(),
  }),
]);
