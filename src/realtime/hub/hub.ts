/**
 * The channels that somebody here listens to: joined on the bus with the first listener, opened at their heads,
 * given up with the last. Redis carries hints; the log is the truth.
 */
import type { ChangeEntry, MessageEntry } from '../../chat/log/entries.ts';
import type { ChannelKey, LogRow } from '../../chat/log/port.ts';
import type { Logger } from '../../chat/logger.ts';
import { ThreadTicks } from '../thread-ticks.ts';
import type { Bounds, Timings } from '../timings.ts';
import { channelName, channelTopic } from '../topic-names.ts';
import type { Topics } from '../topics.ts';
import { HubChannel, type HubListener } from './channel.ts';
import { type Entry, makeEntry } from './entry.ts';
import { HeadChecks } from './head-checks.ts';
import { readAllHeads } from './heads.ts';
import { change, message } from './item.ts';
import type { Logs } from './merged-reader.ts';
import { Opener } from './opener.ts';
import type { Position } from './position.ts';
import { hear } from './publications.ts';

/** One listener's place at a channel. */
export interface Attachment {
  readonly key: ChannelKey;
  /** Resolves when the channel's place is known; rejects with what the logs threw: then attach again. */
  readonly opened: Promise<void>;
  /** What has been handed on; null until opened. */
  position(): Position | null;
  detach(): void;
}

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
  readonly #entries = new Map<string, Entry>();
  #rejected = 0;

  constructor(options: HubOptions) {
    const { logs, timings, bounds, logger, topics } = options;
    this.#options = options;
    this.#checks = new HeadChecks(logs, timings, bounds, logger);
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
      tell: (key, rootSeq) => this.#channel(key)?.threadMoved(rootSeq),
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

  /** Channels attached to in one moment are opened together. */
  attach(key: ChannelKey, listener: HubListener): Attachment {
    const entry = this.#entries.get(channelName(key)) ?? this.#create(key);
    entry.channel.add(listener);
    return {
      key,
      opened: entry.opened,
      position: () => entry.channel.position,
      detach: () => {
        entry.channel.remove(listener);
        if (!entry.channel.hasListeners) this.#discard(entry);
      },
    };
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
    for (const entry of [...this.#entries.values()]) this.#discard(entry);
  }

  #channel(key: ChannelKey): HubChannel | undefined {
    return this.#entries.get(channelName(key))?.channel;
  }

  #create(key: ChannelKey): Entry {
    const check = (channel: HubChannel): void => this.#checks.check([channel]);
    const entry = makeEntry(new HubChannel({ ...this.#options, key, check }));
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
    const onThreadMoved = (rootSeq: number): void => this.threadMoved(channel.key, rootSeq);
    if (hear(payload, { replicaId, logs, channel, onThreadMoved })) return;
    this.#rejected += 1;
    this.#lookAt(entry);
  }

  #discard(entry: Entry): void {
    const name = channelName(entry.channel.key);
    if (this.#entries.get(name) === entry) this.#entries.delete(name);
    entry.channel.close();
    entry.topic?.leave();
    entry.topic = null;
    entry.settle.resolve();
  }
}
