/**
 * A log as the rest of the domain sees it: appending is safe to repeat, reading is by number. Made by
 * `createLog` (create-log.ts) over a LogStore; one for messages, one for changes.
 */
import type { ChannelKey, LogRow } from './port.ts';

/**
 * How far back an earlier copy of a send is looked for, beyond the newest bucket (which is always covered):
 * after number `basis`; since a time in milliseconds; or, when the client told nothing, one bucket more.
 */
export type SearchBack = { readonly basis: number } | { readonly since: number } | 'ONE_BUCKET';

export interface Send<Entry> {
  readonly sendKey: string;
  readonly entry: Entry;
  /** Size of the entry as stored, for the byte limit of a batch. */
  readonly bytes: number;
  readonly searchBack: SearchBack;
  /** Time to give the entry, for imports; otherwise the clock's. Never before the newest entry's in either case. */
  readonly at?: number;
}

export interface Appended<Entry> {
  readonly row: LogRow<Entry>;
  /** True when an earlier try had already saved it; `row` is then that one, whatever this send carried. */
  readonly isDuplicate: boolean;
}

export interface Log<Entry> {
  /**
   * Returns once the entry is saved. Throws ChatError: UNAVAILABLE (10 s without an answer; repeating is safe),
   * CONFLICT (the search would reach further back than 64 buckets), RATE_LIMITED (the channel's queue is full).
   */
  append(channel: ChannelKey, send: Send<Entry>): Promise<Appended<Entry>>;
  /** Newest numbers, in the order asked; 0 for an empty log. A fixed number of store calls, however many channels. */
  heads(channels: readonly ChannelKey[]): Promise<readonly number[]>;
  /** Rows `from`..`to`, inclusive, ascending; at most 1,000. */
  range(channel: ChannelKey, from: number, to: number): Promise<readonly LogRow<Entry>[]>;
  rows(
    refs: readonly { readonly channel: ChannelKey; readonly seq: number }[],
  ): Promise<readonly (LogRow<Entry> | null)[]>;
  /** Number of the last entry strictly before this time (milliseconds since the epoch); 0 when there is none. */
  lastBefore(channel: ChannelKey, at: number): Promise<number>;
  /** Another replica has published this number: moves the head of an open channel on, only when exactly the next. */
  observe(channel: ChannelKey, row: LogRow<Entry>): void;
  /** Waits for appends under way and refuses new ones; for shutdown. */
  close(): Promise<void>;
}
