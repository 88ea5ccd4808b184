/** What an appender knows of its channel and has under way there; its parts work on one of these together. */
import type { AppendContext } from './append-context.ts';
import { Backoff } from './backoff.ts';
import { BatchSize } from './batch-size.ts';
import { Contention } from './contention.ts';
import type { Found } from './copy-search.ts';
import type { ChannelKey } from './port.ts';
import type { Position } from './position.ts';
import { Teller } from './teller.ts';
import { WaitingSends } from './waiting-sends.ts';
import { WrittenKeys } from './written-keys.ts';

export class ChannelState<Entry> {
  readonly channel: ChannelKey;
  readonly context: AppendContext<Entry>;
  readonly waiting: WaitingSends<Entry>;
  readonly teller: Teller<Entry>;
  readonly written: WrittenKeys;
  /** Null until the channel is opened, and whenever what was believed proved wrong. */
  position: Position | null = null;
  /** Sends that are saved, whose rows are still to be read. */
  found: Found<Entry>[] = [];
  /** How many senders the last batch answered. */
  answered = 0;
  readonly outage = new Backoff(20, 500);
  readonly contention = new Contention();
  readonly batchSize: BatchSize;

  /** @param onChange called when a send joined or left. */
  constructor(channel: ChannelKey, context: AppendContext<Entry>, onChange: () => void) {
    this.channel = channel;
    this.context = context;
    this.waiting = new WaitingSends(context, onChange);
    this.teller = new Teller(channel, context);
    this.written = new WrittenKeys(context.store.bucketSize, context.writtenKeys);
    this.batchSize = new BatchSize(context.limits.batchRows);
  }

  /** The log ends before the number believed: a wrong word from another replica, or a restore. Find the end anew. */
  disbelieve(believed: number | null): void {
    this.context.logger.warn({ ...this.channel, believed }, 'a log ends before its head');
    this.forgetHead();
  }

  /** Where the log ends is found anew before the next append. */
  forgetHead(): void {
    this.position = null;
    this.teller.beginAnew();
    this.written.forget();
  }
}
