/**
 * What a subscriber missed of one channel, read from the logs as fast as it is taken and no faster: nothing is
 * buffered but one chunk. It reads on until it has given everything that the hub has handed on; at that very moment
 * the channel may go live, with neither gap nor copy.
 */
import type { EventCursor } from '../../chat/cursors/cursor.ts';
import { limits } from '../../chat/limits.ts';
import type { LiveEvent } from '../../chat/live/port.ts';
import type { ChangeEntry } from '../../chat/log/entries.ts';
import type { ChannelKey, LogRow } from '../../chat/log/port.ts';
import type { Logger } from '../../chat/logger.ts';
import type { Chunks } from '../hub/chunks.ts';
import { eventOf, foldedEventOf } from '../hub/event.ts';
import { change, type Item } from '../hub/item.ts';
import { MergedReader } from '../hub/merged-reader.ts';
import type { Position } from '../hub/position.ts';
import type { Recent } from '../hub/recent.ts';
import type { SharedEvents } from '../hub/shared-events.ts';
import type { Bounds, Timings } from '../timings.ts';
import { Retry } from '../wait.ts';

export interface ReplayOptions {
  readonly key: ChannelKey;
  readonly from: EventCursor;
  /** The cursor's numbering is not today's, or it names what does not exist: the channel starts anew. */
  readonly isReset: boolean;
  /** What the hub has handed on by now; null once it is closed. */
  readonly hub: () => Position | null;
  readonly cursorAt: (position: Position) => string;
  /** Messages replayed at most. */
  readonly limit: number;
  readonly chunks: Chunks;
  readonly recent: Recent;
  readonly events: SharedEvents;
  readonly timings: Timings;
  readonly bounds: Bounds;
  readonly logger: Logger;
  /** `next` may be asked again. */
  readonly wake: () => void;
}

export class Replay {
  readonly channelId: string;
  readonly #options: ReplayOptions;
  readonly #end = new AbortController();
  readonly #first: LiveEvent[] = [];
  #reader: MergedReader | null = null;
  #isReading = false;
  /** Updates of the channel up to this rev are told by the one ChannelUpdated that was given. */
  #updatesTold = 0;

  constructor(options: ReplayOptions) {
    this.#options = options;
    this.channelId = options.key.channelId;
  }

  /** The next event; READING: ask again once woken; DONE: everything that the hub handed on was given. */
  next(): LiveEvent | 'READING' | 'DONE' {
    const hub = this.#options.hub();
    if (hub === null) return 'READING';
    const reader = this.#reader ?? this.#start(hub);
    const first = this.#first.shift();
    if (first !== undefined) return first;
    for (let item = this.#next(reader, hub); item !== null; item = this.#next(reader, hub)) {
      const event = this.#eventOf(item, reader, hub);
      if (event !== null) return event;
    }
    if (reader.hasReached(hub)) {
      // The client knows of changes that the hub has not handed on yet, perhaps of a message that it has not either: live,
      // that message would come as it was published, and the change be taken for told.
      return hub.rev >= reader.position.rev ? 'DONE' : 'READING';
    }
    if (!this.#isReading) void this.#read(reader, hub);
    return 'READING';
  }

  /** A message was deleted: what was read of it before is not given any more. */
  erase(deletion: LogRow<ChangeEntry>): void {
    this.#reader?.erase(deletion);
  }

  /** Told when everything was given and the channel is live, with where it stands. */
  caughtUp(cursor: string): LiveEvent {
    const { channelId } = this;
    const { chunks, events } = this.#options;
    // Of the channel and not of any row in it.
    return events.of(chunks, cursor, 0, () => ({ type: 'CaughtUp', channelId, cursor }));
  }

  /** Everything up to here was given. */
  get position(): Position {
    return this.#reader?.position ?? this.#options.from;
  }

  end(): void {
    this.#end.abort();
  }

  /** What was read; else what the hub handed on lately, which need not be read. */
  #next(reader: MergedReader, hub: Position): Item | null {
    return reader.next(hub) ?? (this.#isReading ? null : this.#nextOfRecent(reader));
  }

  #nextOfRecent(reader: MergedReader): Item | null {
    const [next, ...later] = this.#options.recent.since(reader.position);
    if (next === undefined) return null;
    const { item } = next;
    reader.given(item);
    if (item.log === 'MESSAGES') return item;
    const { seq } = item.row.entry;
    const isNewest = !later.some((l) => l.item.log === 'CHANGES' && l.item.row.entry.seq === seq);
    return change({ ...item.row, isNewest });
  }

  /** Null when there is nothing to tell at this place: another one tells of it. */
  #eventOf(item: Item, reader: MergedReader, hub: Position): LiveEvent | null {
    const { channelId } = this;
    const { events, cursorAt } = this.#options;
    if (!this.#isNews(item, hub)) return null;
    const cursor = cursorAt(reader.position);
    const asOf = Math.max(hub.rev, this.#updatesTold);
    const place = { channelId, cursor, asOf };
    return events.of(item.row, cursor, asOf, () =>
      item.log === 'CHANGES' && item.row.entry.seq !== undefined
        ? foldedEventOf(item.row.entry.seq, place)
        : eventOf(item, place),
    );
  }

  #start(hub: Position): MergedReader {
    const { chunks, bounds, from, isReset, cursorAt } = this.#options;
    const at = isReset ? hub : this.#startOf(from, hub);
    if (isReset) this.#first.push({ type: 'PositionReset', channelId: this.channelId, cursor: cursorAt(at) });
    const reader = new MergedReader(chunks, at, bounds.chunk);
    this.#reader = reader;
    return reader;
  }

  /** Where reading begins: at the cursor, or later when more was missed than is replayed, which is then said. */
  #startOf(from: EventCursor, hub: Position): Position {
    const { limit, cursorAt } = this.#options;
    const { channelId } = this;
    const skipsMessages = hub.seq - from.seq > limit;
    const skipsChanges = hub.rev - from.rev > limits.replayChanges;
    const at: Position = {
      seq: skipsMessages ? hub.seq - limit : from.seq,
      rev: skipsChanges ? hub.rev : from.rev,
    };
    if (skipsMessages || skipsChanges) {
      this.#first.push({
        type: 'HistorySkipped',
        channelId,
        // Not a place to come back to: whoever breaks off before paging is told again.
        cursor: null,
        after: cursorAt(from),
        before: cursorAt({ seq: at.seq + 1, rev: at.rev }),
        count: at.seq - from.seq,
      });
    }
    if (skipsChanges) {
      // Perhaps one of those that are skipped was an update of the channel.
      this.#first.push({ type: 'ChannelUpdated', channelId, cursor: cursorAt(at), asOf: hub.rev });
      this.#updatesTold = hub.rev;
    }
    return at;
  }

  /**
   * Of all changes of a message the newest is told. A channel is shown as it is when the event is: one ChannelUpdated
   * tells of all updates up to that moment.
   */
  #isNews(item: Item, hub: Position): boolean {
    if (item.log === 'MESSAGES') return true;
    const { row } = item;
    if (row.entry.seq !== undefined) return row.isNewest === true;
    if (row.entry.kind !== 'CHANNEL_UPDATED') return true;
    if (row.seq <= this.#updatesTold) return false;
    this.#updatesTold = hub.rev;
    return true;
  }

  async #read(reader: MergedReader, upTo: Position): Promise<void> {
    const { timings, logger, key, wake } = this.#options;
    const retry = new Retry(timings);
    const { signal } = this.#end;
    this.#isReading = true;
    while (!signal.aborted) {
      try {
        await reader.fill(upTo);
        break;
      } catch (error) {
        if (signal.aborted) break;
        logger.warn({ err: error, ...key }, 'A replay cannot be read yet; trying again.');
        await retry.wait(signal);
      }
    }
    this.#isReading = false;
    if (!signal.aborted) wake();
  }
}
