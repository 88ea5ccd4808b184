/**
 * The channels that somebody here listens to: joined on the bus with the first listener, opened at their heads,
 * given up with the last. Redis carries hints; the log is the truth.
 */

import { Gate } from '../../chat/gate.ts';
import type { LiveEvent, Signal } from '../../chat/live/port.ts';
import type { ChangeEntry, MessageEntry } from '../../chat/log/entries.ts';
import type { ChannelKey, LogRow } from '../../chat/log/port.ts';
import type { Logger } from '../../chat/logger.ts';
import { SignalTicks } from '../signal-ticks.ts';
import { ThreadTicks } from '../thread-ticks.ts';
import type { Bounds, Timings } from '../timings.ts';
import { channelName, channelTopic } from '../topic-names.ts';
import type { Topics } from '../topics.ts';
import { Attachment } from './attachment.ts';
import { HubChannel, type HubListener } from './channel.ts';
import type { HubCounts } from './counts.ts';
import { deliveryOf } from './delivery.ts';
import { type Entry, makeEntry } from './entry.ts';
import { SMALL, threadMoved } from './event.ts';
import { HeadChecks } from './head-checks.ts';
import { readAllHeads } from './heads.ts';
import { change, message } from './item.ts';
import { KeptReads } from './kept-reads.ts';
import type { Logs } from './logs.ts';
import { Opener } from './opener.ts';
import type { Position } from './position.ts';
import { hear } from './publications.ts';
import { Turns } from './turns.ts';

export interface HubOptions {
  readonly topics: Topics;
  readonly logs: Logs;
  readonly replicaId: string;
  readonly timings: Timings;
  readonly bounds: Bounds;
  readonly logger: Logger;
}

export class Hub {
  readonly #options: HubOptions;
  readonly #checks: HeadChecks;
  readonly #opener: Opener;
  readonly #ticks: ThreadTicks;
  readonly #signals: SignalTicks;
  readonly #entries = new Map<string, Entry>();
  readonly #repairs: Gate;
  readonly #turns = new Turns();
  readonly #kept: KeptReads;
  readonly #counts: HubCounts = { gapsRepaired: 0, headsChecked: 0 };
  #rejected = 0;

  constructor(options: HubOptions) {
    const { logs, timings, bounds, logger, topics } = options;
    this.#options = options;
    this.#repairs = new Gate(bounds.repairsAtOnce);
    this.#kept = new KeptReads({
      bytes: bounds.keptReadBytes,
      ms: timings.keptReadMs,
      atOnce: bounds.replayReadsAtOnce,
    });
    this.#checks = new HeadChecks(logs, timings, bounds, logger, this.#counts);
    this.#opener = new Opener({
      logs,
      timings,
      bounds,
      isUp: () => topics.isUp,
      join: (entry) => this.#join(entry),
      look: (entry) => this.#lookAt(entry),
      discard: (entry) => this.#discard(entry),
    });
    this.#ticks = new ThreadTicks({
      everyMs: timings.threadMs,
      most: bounds.threadRoots,
      tell: (key, seq) => this.tell(key, threadMoved(key.channelId, seq)),
    });
    this.#signals = new SignalTicks({
      everyMs: timings.signalMs,
      ...bounds.signals,
      tell: (key, signal) =>
        this.tell(key, { type: 'SignalSent', channelId: key.channelId, cursor: null, signal }),
    });
  }

  /** Channels with local listeners. */
  get size(): number {
    return this.#entries.size;
  }

  /** Publications dropped because of their shape. */
  get rejected(): number {
    return this.#rejected;
  }

  get counts(): Readonly<HubCounts> {
    return this.#counts;
  }

  /**
   * Channels attached to in one moment are opened together. `epoch`: of the numbering that the listener counts by.
   */
  attach(key: ChannelKey, epoch: number, listener: HubListener): Attachment {
    const entry = this.#entries.get(channelName(key)) ?? this.#create(key, epoch);
    return new Attachment(entry, listener, this.#discard);
  }

  /** This replica saved these. */
  messages(key: ChannelKey, rows: readonly LogRow<MessageEntry>[]): void {
    const channel = this.#channel(key);
    if (channel !== undefined) for (const row of rows) channel.accept(message(row));
  }

  /** This replica saved these. */
  changes(key: ChannelKey, rows: readonly LogRow<ChangeEntry>[]): void {
    const channel = this.#channel(key);
    if (channel !== undefined) for (const row of rows) channel.accept(change(row));
  }

  /** Something was said, here or elsewhere, in the thread under this message of a channel. */
  threadMoved(parent: ChannelKey, rootSeq: number): void {
    if (this.#channel(parent) !== undefined) this.#ticks.moved(parent, rootSeq);
  }

  /** Somebody, here or elsewhere, types in a channel. */
  typing(key: ChannelKey, userId: string): void {
    this.tell(key, { type: 'TypingStarted', channelId: key.channelId, cursor: null, userId });
  }

  /** Somebody's signal, sent here or elsewhere. */
  signal(key: ChannelKey, signal: Signal): void {
    if (this.#channel(key) !== undefined) this.#signals.offer(key, signal);
  }

  /** Tells the channel's listeners here what is kept nowhere and has no place in the order, as one shared event. */
  tell(key: ChannelKey, event: LiveEvent): void {
    this.#channel(key)?.tell(deliveryOf(event, SMALL));
  }

  /** Something may have been missed there. */
  suspect(keys: readonly ChannelKey[]): void {
    const channels = keys.map((key) => this.#channel(key));
    this.#checks.check(channels.filter((channel) => channel !== undefined));
  }

  suspectAll(): void {
    this.#checks.check([...this.#entries.values()].map(({ channel }) => channel));
  }

  /** Where these channels end by now, for whoever knows more than has been handed on. Throws what the logs throw. */
  async heads(keys: readonly ChannelKey[]): Promise<readonly Position[]> {
    const { logs, bounds } = this.#options;
    const heads = await readAllHeads(logs, keys, bounds.headsPerCall);
    for (const [i, key] of keys.entries()) {
      const head = heads[i];
      if (head !== undefined) this.#channel(key)?.exists(head);
    }
    return heads;
  }

  close(): void {
    this.#opener.close();
    this.#checks.close();
    this.#ticks.close();
    this.#kept.close();
    this.#signals.close();
    for (const entry of [...this.#entries.values()]) this.#discard(entry);
  }

  #channel(key: ChannelKey): HubChannel | undefined {
    return this.#entries.get(channelName(key))?.channel;
  }

  #create(key: ChannelKey, epoch: number): Entry {
    const check = (channel: HubChannel): void => this.#checks.check([channel]);
    const entry = makeEntry(
      new HubChannel({
        ...this.#options,
        key,
        epoch,
        check,
        repairs: this.#repairs,
        turns: this.#turns,
        kept: this.#kept,
        counts: this.#counts,
      }),
    );
    this.#entries.set(channelName(key), entry);
    this.#opener.open(entry);
    return entry;
  }

  #join(entry: Entry): Promise<void> {
    entry.topic = this.#options.topics.join(channelTopic(entry.channel.key), (p) => this.#hear(entry, p));
    return entry.topic.joined;
  }

  #lookAt({ channel }: Entry): void {
    if (!channel.isClosed) this.#checks.check([channel]);
  }

  #hear(entry: Entry, payload: unknown): void {
    const { replicaId, logs } = this.#options;
    const { channel } = entry;
    const { key } = channel;
    const heard = {
      replicaId,
      logs,
      channel,
      onThreadMoved: (rootSeq: number) => this.threadMoved(key, rootSeq),
      onTyping: (userId: string) => this.typing(key, userId),
      onSignal: (signal: Signal) => this.signal(key, signal),
    };
    if (hear(payload, heard)) return;
    this.#rejected += 1;
    this.#lookAt(entry);
  }

  readonly #discard = (entry: Entry): void => {
    const name = channelName(entry.channel.key);
    if (this.#entries.get(name) === entry) this.#entries.delete(name);
    entry.channel.close();
    entry.topic?.leave();
    entry.topic = null;
    entry.settle.resolve();
  };
}
