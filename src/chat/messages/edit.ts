/** Editing a message: by its author. */

import { askEdit } from '../changes/asked.ts';
import { requireMember } from '../channels/permission.ts';
import { forbidden } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import type { Recounts } from '../notifications/recounts.ts';
import type { Ports } from '../ports.ts';
import type { Viewer } from '../viewer.ts';
import { changeMessage, requireChangeable } from './change.ts';
import { resolveMentions } from './mentions.ts';
import type { Message, MessageRef } from './message.ts';
import { checkMetadata, checkText } from './text.ts';

export interface EditInput extends MessageRef {
  readonly text: string;
  /** Replaces the message's metadata, null by none; left out, it stays. */
  readonly metadata?: JsonObject | null;
  /** Names this edit; a repeat of it never undoes a newer one. */
  readonly clientChangeId: string | null;
}

/**
 * Returns the message as it now is. Throws BAD_USER_INPUT, NOT_FOUND, FORBIDDEN, CONFLICT for a message that is
 * deleted, and what Log.append throws.
 */
export async function editMessage(
  ports: Ports,
  recounts: Pick<Recounts, 'around'>,
  viewer: Viewer,
  input: EditInput,
): Promise<Message> {
  const { text, metadata } = input;
  checkText(text);
  checkMetadata(metadata ?? null);
  const [{ place, message }, mentions] = await Promise.all([
    requireChangeable(ports, viewer, input),
    resolveMentions(ports.users, viewer.tenant.organizationId, text),
  ]);
  requireMember(place);
  if (message.row.entry.authorId !== viewer.userId) throw forbidden('Only its author edits a message.');
  const content = { text, mentions, ...(metadata === undefined ? {} : { metadata }) };
  const entry = askEdit({ seq: input.seq, actorId: viewer.userId }, content);
  const { channelId, seq } = input;
  return recounts.around({ organizationId: viewer.tenant.organizationId, channelId, seq }, () =>
    changeMessage(ports, viewer, input, entry, input.clientChangeId),
  );
}
