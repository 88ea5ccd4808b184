/** How the live tests wait, name places, and read what a subscription was told. */
import { vi } from 'vitest';
import { encodeEventCursor } from '../../chat/cursors/cursor.ts';
import type { LiveEvent } from '../../chat/live/port.ts';

export const until = (check: () => void): Promise<void> =>
  vi.waitFor(check, { timeout: 10_000, interval: 2 });
export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
export const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);

export const cursor = (channelId: string, seq: number, rev: number, epoch = 1): string =>
  encodeEventCursor({ channelId, epoch, seq, rev });

/** Numbers of the messages, in the order told. */
export const seqs = (events: readonly LiveEvent[]): number[] =>
  events.flatMap((event) => (event.type === 'MessagePosted' ? [event.row.seq] : []));

/** An event in a few letters: what, of which number. */
const brief = (event: LiveEvent): string => {
  if (event.type === 'MessagePosted') return `m${event.row.seq}`;
  if (event.type === 'MemberJoined') return `+${event.userId}`;
  if (event.type === 'MemberLeft') return `-${event.userId}`;
  if (event.type === 'MessageUpdated') return `${event.change}${event.seq}`;
  if (event.type === 'ReactionChanged') return `${event.isAdded ? '+' : '-'}${event.emoji}${event.seq}`;
  return event.type === 'CaughtUp' && event.channelId === null ? 'CaughtUp all' : event.type;
};
export const briefs = ({ events }: { readonly events: readonly LiveEvent[] }): string[] => events.map(brief);
