/** Reacting to a message with an emoji, and taking it back: members, each with as many emoji as they like. */
import { askReaction } from '../changes/asked.ts';
import { requireMember } from '../channels/permission.ts';
import type { Ports } from '../ports.ts';
import type { Viewer } from '../viewer.ts';
import { changeMessage, requireChangeable } from './change.ts';
import { checkEmoji } from './emoji.ts';
import type { Message, MessageRef } from './message.ts';

export interface ReactionInput extends MessageRef {
  readonly emoji: string;
}

/**
 * Returns the message as it now is; reacting twice, or taking back what is not there, does nothing. Throws
 * BAD_USER_INPUT for what is no emoji or one too many, NOT_FOUND, FORBIDDEN, CONFLICT for a message that is deleted,
 * and what Log.append throws.
 */
export async function react(
  ports: Ports,
  viewer: Viewer,
  input: ReactionInput,
  isAdded: boolean,
): Promise<Message> {
  const emoji = checkEmoji(input.emoji);
  const { place } = await requireChangeable(ports, viewer, input);
  requireMember(place);
  const asked = { seq: input.seq, actorId: viewer.userId };
  return changeMessage(ports, viewer, input, askReaction(asked, emoji, isAdded));
}
