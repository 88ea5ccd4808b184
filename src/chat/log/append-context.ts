/** What all channels of one log share. */
import type { Clock } from '../clock.ts';
import type { Logger } from '../logger.ts';
import type { AppendLimits } from './append-limits.ts';
import type { Appointed } from './appointed.ts';
import type { Deciding } from './deciding.ts';
import type { SendDeadlines } from './pending-send.ts';
import type { ChannelKey, LogRow, LogStore } from './port.ts';
import type { WrittenKeysBound } from './written-keys.ts';

export interface AppendContext<Entry> {
  readonly store: LogStore<Entry>;
  readonly clock: Clock;
  readonly limits: AppendLimits;
  readonly logger: Logger;
  /** Null: entries are appended as they were sent. */
  readonly deciding: Deciding<Entry> | null;
  /** Null: this replica appends everything itself. */
  readonly appointed: Appointed<Entry> | null;
  /** Rows that this replica knows to be saved, ascending. */
  onAppended(channel: ChannelKey, rows: readonly LogRow<Entry>[]): void;
  /** An append was given up that may be saved all the same. */
  onUncertain(channel: ChannelKey): void;
  /** Writes the tail hint aside: no answer waits for it. */
  hintTail(channel: ChannelKey, bucket: number): void;
  /** What is kept of the send keys that all channels have written. */
  readonly writtenKeys: WrittenKeysBound;
  /** A send settles within these. */
  readonly deadlines: SendDeadlines<Entry>;
  /** Bytes waiting in all channels. */
  waitingBytes: number;
}
