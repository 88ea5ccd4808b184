/** The reactions to a message as its row tells them: counts and the first few people, however many reacted. */
import type { ReactionSummary } from '../log/entries.ts';
import type { Message } from './message.ts';

/** All who reacted to a message with one emoji. */
export interface Reaction {
  readonly channelId: string;
  /** Of the message. */
  readonly seq: number;
  readonly emoji: string;
  readonly summary: ReactionSummary;
}

/** In the order in which each emoji came to the message. */
export const reactionsOf = ({ channelId, row }: Message): readonly Reaction[] =>
  Object.entries(row.entry.projection?.reactions ?? {})
    .map(([emoji, summary]) => ({ channelId, seq: row.seq, emoji, summary }))
    .sort((a, b) => a.summary.since - b.summary.since);

/** Whether those who lie with the message are all there are. */
export const isWhole = ({ summary }: Reaction): boolean => summary.first.length >= summary.count;
