/**
 * One channel with local listeners: the last place handed on, and what is known to exist beyond it. The next number
 * is handed on, a seen one dropped; anything else is read from the logs first. So however publications are lost,
 * repeated or reordered, listeners get every entry once and in order.
 */

import type { Gate } from '../../chat/gate.ts';
import type { ChannelKey } from '../../chat/log/port.ts';
import type { Logger } from '../../chat/logger.ts';
import type { Bounds, Timings } from '../timings.ts';
import { Retry } from '../wait.ts';
import { ownChunks, SharedChunks } from './chunks.ts';
import type { HubCounts } from './counts.ts';
import type { Delivery } from './delivery.ts';
import { type Handed, handedOf } from './handed.ts';
import { bytesOf, type Item, isNext, itsPlace } from './item.ts';
import type { KeptReads } from './kept-reads.ts';
import type { Logs } from './logs.ts';
import { MergedReader, RowsMissing } from './merged-reader.ts';
import { later, type Position, reaches } from './position.ts';
import { Recent } from './recent.ts';
import { SharedEvents } from './shared-events.ts';
import type { Turns } from './turns.ts';

export interface HubListener {
  /** The next entry. */
  deliver(handed: Handed): void;
  /** What is kept nowhere and has no place in the order: typing, signals, a thread's new count. */
  tell(delivery: Delivery): void;
  /** Nothing more comes: what would come next does not follow what was handed on. */
  broken(why: string): void;
}

export interface HubChannelOptions {
  readonly key: ChannelKey;
  /** Of the numbering that its places are of. After a restore all listeners leave, and the channel is made anew. */
  readonly epoch: number;
  readonly logs: Logs;
  readonly timings: Timings;
  readonly bounds: Bounds;
  readonly logger: Logger;
  /** Looks up the head anew and calls `exists` with it. */
  readonly check: (channel: HubChannel) => void;
  /** Lets a few repairs read at a time. */
  readonly repairs: Gate;
  /** In which what they read is handed on. */
  readonly turns: Turns;
  readonly kept: KeptReads;
  readonly counts: HubCounts;
}

const START: Position = { seq: 0, rev: 0 };

export class HubChannel {
  readonly key: ChannelKey;
  /** For replays: what several of them read and make of it at about the same time, and what was handed on lately. */
  readonly chunks: SharedChunks;
  readonly recent = new Recent();
  readonly events = new SharedEvents();
  readonly #options: HubChannelOptions;
  readonly #listeners = new Set<HubListener>();
  readonly #end = new AbortController();
  readonly #retry: Retry;
  #position: Position | null = null;
  #known: Position = START;
  #isRepairing = false;
  #isSuspect = false;

  constructor(options: HubChannelOptions) {
    this.key = options.key;
    this.#options = options;
    this.#retry = new Retry(options.timings);
    const { key, logs, kept, bounds } = options;
    const knownRev = (): number => this.#position?.rev ?? 0;
    this.chunks = new SharedChunks({ key, logs, kept, chunk: bounds.chunk, knownRev });
  }

  /** Null until the heads were read. */
  get position(): Position | null {
    return this.#position;
  }

  get hasListeners(): boolean {
    return this.#listeners.size > 0;
  }

  get isClosed(): boolean {
    return this.#end.signal.aborted;
  }

  add(listener: HubListener): void {
    this.#listeners.add(listener);
  }

  remove(listener: HubListener): void {
    this.#listeners.delete(listener);
  }

  /** From here on entries are handed on. What was published while the heads were read is repaired at once. */
  open(at: Position): void {
    this.#position = at;
    this.#repairIfBehind();
    if (this.#isSuspect) this.#options.check(this);
  }

  /** Something may have been missed while the heads were being read: they are read again afterwards. */
  suspectBeforeOpen(): void {
    this.#isSuspect = true;
  }

  /** A published entry. */
  accept(item: Item): void {
    if (this.isClosed) return;
    if (this.#position !== null && isNext(this.#position, item)) this.#deliver(this.#position, item);
    // Seen before, it is nothing new; ahead of what is next, it says what is missing.
    else this.exists(itsPlace(item));
  }

  /** To all listeners, at no place in the order. */
  tell(delivery: Delivery): void {
    // A thread's new count: replays show none from before after it.
    if (!delivery.isEphemeral) this.events.clear();
    for (const listener of this.#listeners) {
      try {
        listener.tell(delivery);
      } catch (error) {
        this.#failed(listener, error);
      }
    }
  }

  /** Everything up to this place is known to exist. */
  exists(place: Position): void {
    this.#known = later(this.#known, place);
    this.#repairIfBehind();
  }

  /** The heads as just read. `before` is what had been handed on when reading them began. */
  headsAre(heads: Position, before: Position): void {
    if (this.isClosed) return;
    if (reaches(heads, before)) {
      this.exists(heads);
    } else {
      this.#options.logger.error({ ...this.key, heads, before }, 'A log went back: it was restored.');
      for (const listener of [...this.#listeners]) listener.broken('The channel was restored from a backup.');
    }
  }

  close(): void {
    this.#end.abort();
    this.#listeners.clear();
    // Nobody looks at changes any more, which would drop what is kept.
    this.chunks.close();
    this.recent.clear();
  }

  #deliver(from: Position, item: Item): void {
    const handed = handedOf(item, from, this.key.channelId, this.#options.epoch);
    // Before anybody hears of it: whoever asks then is shown the messages with it.
    this.chunks.handOn(item);
    this.recent.note(handed);
    this.#position = handed.to;
    for (const listener of this.#listeners) {
      try {
        listener.deliver(handed);
      } catch (error) {
        this.#failed(listener, error);
      }
    }
  }

  /** The others must not miss anything. */
  #failed(listener: HubListener, error: unknown): void {
    this.#options.logger.error({ err: error, ...this.key }, 'A subscription failed.');
    try {
      listener.broken('The subscription failed.');
    } catch (broken) {
      this.#options.logger.error({ err: broken, ...this.key }, 'A subscription that failed cannot be ended.');
      this.#listeners.delete(listener);
    }
  }

  #repairIfBehind(): void {
    if (this.isClosed || this.#position === null || this.#isRepairing) return;
    if (reaches(this.#position, this.#known)) return;
    void this.#repair(this.#position);
  }

  async #repair(from: Position): Promise<void> {
    const { key, logs, bounds, repairs, logger } = this.#options;
    const reader = new MergedReader(ownChunks(logs, key), from, bounds.chunk);
    this.#isRepairing = true;
    while (!this.isClosed && !reader.hasReached(this.#known)) {
      try {
        await repairs.run(async () => this.isClosed || reader.fill(this.#known));
        this.#retry.reset();
      } catch (error) {
        logger.warn({ err: error, ...key, known: this.#known }, 'A gap cannot be read yet; trying again.');
        await this.#retry.wait(this.#end.signal);
        if (error instanceof RowsMissing) this.#doubt();
      }
      await this.#handOn(reader);
    }
    if (!this.isClosed) this.#options.counts.gapsRepaired += 1;
    this.#isRepairing = false;
    // What became known after the loop looked last; the publications of this moment were not dropped.
    this.#repairIfBehind();
  }

  /** Publications that came in meanwhile may have been handed on already: those are seen. */
  async #handOn(reader: MergedReader): Promise<void> {
    const { turns } = this.#options;
    for (let item = reader.next(this.#known); item !== null; item = reader.next(this.#known)) {
      const bytes = bytesOf(item);
      for (let turn = turns.take(bytes); turn !== null; turn = turns.take(bytes)) await turn;
      if (this.isClosed || this.#position === null) return;
      if (isNext(this.#position, item)) this.#deliver(this.#position, item);
    }
  }

  /** Perhaps what was said to exist does not: only what was handed on is believed until the heads are read. */
  #doubt(): void {
    this.#known = this.#position ?? START;
    this.#options.check(this);
  }
}
