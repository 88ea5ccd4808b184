/**
 * What may be asked of a viewer with an answer that many of them share. An event that asks nothing else of its viewer
 * is executed once for all whose answers are equal; so each question can be put to the next viewer without executing.
 */
import type { Membership } from '../src/chat/channels/port.ts';
import { isWhole, type Reaction } from '../src/chat/messages/reaction.ts';
import type { Viewer } from '../src/chat/viewer.ts';
import type { KnowingLoader } from './batch.ts';
import type { PlaceKey } from './memberships.ts';
import type { ReactedKey } from './reactions.ts';

/** OWN: what nobody else has, as a membership is. */
export type Answer = 'YES' | 'NO' | 'NO_MEMBER' | 'OWN';

/** Loaders of what is asked of many viewers. */
export interface Askable {
  readonly places: KnowingLoader<PlaceKey, Membership | null>;
  readonly reacted: KnowingLoader<ReactedKey, boolean>;
}

export interface Question {
  /** All that the answer depends on besides the viewer and the stores. */
  readonly key: string;
  /** Undefined while it is not loaded, and where that failed. */
  answer(of: Askable, viewer: Viewer): Answer | undefined;
  load(of: Askable, viewer: Viewer): Promise<unknown>;
}

/** Undefined where the message itself does not tell. */
export function toldByMessage(reaction: Reaction, userId: string): boolean | undefined {
  if (reaction.summary.first.includes(userId)) return true;
  return isWhole(reaction) ? false : undefined;
}

/** Whether the viewer reacted so: told by the message, or by the store. */
export const hasReacted = (reaction: Reaction): Question => {
  const { channelId, seq, emoji, summary } = reaction;
  return {
    // What the message tells of it may be newer in another execution.
    key: `reacted/${channelId}/${seq}/${summary.count}/${summary.first.join()}/${emoji}`,
    answer({ reacted }, viewer) {
      const known = toldByMessage(reaction, viewer.userId) ?? reacted.peek({ viewer, reaction });
      return known === undefined ? undefined : known ? 'YES' : 'NO';
    },
    load: ({ reacted }, viewer) => reacted.load({ viewer, reaction }),
  };
};

/** Which membership of the channel is the viewer's: all who have none are alike, and nobody else is. */
export const membershipOf = (channelId: string): Question => ({
  key: `membership/${channelId}`,
  answer({ places }, viewer) {
    const known = places.peek({ viewer, channelId });
    return known === undefined ? undefined : known === null ? 'NO_MEMBER' : 'OWN';
  },
  load: ({ places }, viewer) => places.load({ viewer, channelId }),
});
