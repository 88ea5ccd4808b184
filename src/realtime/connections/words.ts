/** What replicas say to each other when a connection of one is renewed through another; checked before it is believed. */
import { z } from 'zod';
import type { ErrorCode } from '../../chat/errors.ts';

const id = z.string().min(1).max(200);

const renewal = z.object({
  kind: z.literal('RENEW'),
  from: id,
  /** Of the asker: the answer carries it. */
  id,
  connectionId: id,
  organizationId: id,
  userId: id,
  token: z.string().max(10_000),
});
export type Renewal = z.infer<typeof renewal>;

/** The refusals that a renewal has; another one, of a newer version, is no answer. */
const codes = [
  'NOT_FOUND',
  'FORBIDDEN',
  'UNAUTHENTICATED',
  'UNAVAILABLE',
  'BAD_USER_INPUT',
] as const satisfies readonly ErrorCode[];

export const refusalCode = z.enum(codes);

export const connectionWord = z.discriminatedUnion('kind', [
  renewal,
  z.object({ kind: z.literal('RENEWED'), from: id, id, expiresAt: z.number().min(0).max(8.64e15) }),
  z.object({ kind: z.literal('REFUSED'), from: id, id, code: refusalCode, message: z.string().max(1_000) }),
]);
export type ConnectionAnswer = Exclude<z.infer<typeof connectionWord>, Renewal>;
