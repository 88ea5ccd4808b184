/**
 * The channels that somebody here listens to: joined on the bus with the first listener, opened at their heads,
 * given up with the last. Redis carries hints; the log is the truth.
 */
import type { ChangeEntry, MessageEntry } from '../../chat/log/entries.ts';
import type { ChannelKey, LogRow } from '../../chat/log/port.ts';
import type { Logger } from '../../chat/logger.ts';
import type { BusSubscription } from '../bus.ts';
import { channelPublication, isFrom } from '../publication.ts';
import type { Bounds, Timings } from '../timings.ts';
import { channelName, channelTopic } from '../topic-names.ts';
import type { Topics } from '../topics.ts';
import { within } from '../wait.ts';
import { HubChannel, type HubListener } from './channel.ts';
import { HeadChecks } from './head-checks.ts';
import { readAllHeads, readHeads, rounds } from './heads.ts';
import { change, message } from './item.ts';
import type { Logs } from './merged-reader.ts';
import type { Position } from './position.ts';

/** One listener's place at a channel. */
export interface Attachment {
  readonly key: ChannelKey;
  /** Resolves when the channel's place is known; rejects with what the logs threw: then attach again. */
  readonly opened: Promise<void>;
  /** What has been handed on; null until opened. */
  position(): Position | null;
  detach(): void;
}

interface Entry {
  readonly channel: HubChannel;
  readonly opened: Promise<void>;
  readonly settle: { resolve: () => void; reject: (error: unknown) => void };
  topic: BusSubscription | null;
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
  readonly #entries = new Map<string, Entry>();
  readonly #end = new AbortController();
  #opening: Entry[] = [];
  #rejected = 0;

  constructor(options: HubOptions) {
    this.#options = options;
    this.#checks = new HeadChecks(options.logs, options.timings, options.bounds, options.logger);
  }

  /** Channels with local listeners. */
  get size(): number {
    return this.#entries.size;
  }

  /** Publications dropped because of their shape. */
  get rejected(): number {
    return this.#rejected;
  }

  /** Channels attached to in one moment are opened together, in as few calls to the logs as their bound allows. */
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
    const channel = this.#entries.get(channelName(key))?.channel;
    if (channel !== undefined) for (const row of rows) channel.accept(message(row));
  }

  /** This replica saved these. */
  changes(key: ChannelKey, rows: readonly LogRow<ChangeEntry>[]): void {
    const channel = this.#entries.get(channelName(key))?.channel;
    if (channel !== undefined) for (const row of rows) channel.accept(change(row));
  }

  /** Something may have been missed there. */
  suspect(keys: readonly ChannelKey[]): void {
    const entries = keys.map((key) => this.#entries.get(channelName(key)));
    this.#checks.check(entries.flatMap((entry) => (entry === undefined ? [] : [entry.channel])));
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
      if (head !== undefined) this.#entries.get(channelName(key))?.channel.exists(head);
    }
    return heads;
  }

  close(): void {
    this.#end.abort();
    this.#checks.close();
    for (const entry of [...this.#entries.values()]) this.#discard(entry);
  }

  #create(key: ChannelKey): Entry {
    const { promise: opened, ...settle } = Promise.withResolvers<void>();
    // Listeners that are gone before do not ask how it went.
    opened.catch(() => undefined);
    const check = (channel: HubChannel): void => this.#checks.check([channel]);
    const entry: Entry = {
      channel: new HubChannel({ ...this.#options, key, check }),
      opened,
      settle,
      topic: null,
    };
    this.#entries.set(channelName(key), entry);
    this.#opening.push(entry);
    if (this.#opening.length === 1) queueMicrotask(() => void this.#open(this.#opening.splice(0)));
    return entry;
  }

  async #open(entries: readonly Entry[]): Promise<void> {
    const joins = entries.map((entry) => this.#join(entry));
    const { bounds, timings, topics } = this.#options;
    // The heads are read after joining, so that whatever is published from then on is heard. With the bus down
    // there is nothing to wait for.
    const areJoined = topics.isUp && (await within(timings.joinMs, Promise.all(joins), this.#end.signal));
    for (const some of rounds(entries, bounds.headsPerCall)) await this.#openRound(some);
    // A topic joined later may have missed something since the heads were read.
    if (!areJoined)
      for (const [i, entry] of entries.entries()) void joins[i]?.then(() => this.#lookAt(entry));
  }

  /** One call for each log, which fails for these channels alone. */
  async #openRound(entries: readonly Entry[]): Promise<void> {
    const waiting = entries.filter(({ channel }) => !channel.isClosed);
    try {
      const heads = await readHeads(
        this.#options.logs,
        waiting.map(({ channel }) => channel.key),
      );
      for (const [i, entry] of waiting.entries()) {
        const head = heads[i];
        if (head !== undefined && !entry.channel.isClosed) entry.channel.open(head);
        entry.settle.resolve();
      }
    } catch (error) {
      for (const entry of waiting) {
        entry.settle.reject(error);
        this.#discard(entry);
      }
    }
  }

  #join(entry: Entry): Promise<void> {
    if (entry.channel.isClosed) return Promise.resolve();
    entry.topic = this.#options.topics.join(channelTopic(entry.channel.key), (p) => this.#hear(entry, p));
    return entry.topic.joined;
  }

  #lookAt(entry: Entry): void {
    if (!entry.channel.isClosed) this.#checks.check([entry.channel]);
  }

  /** What another replica published. Wrong shapes are no reason to believe that nothing happened. */
  #hear(entry: Entry, payload: unknown): void {
    const { replicaId, logs } = this.#options;
    if (isFrom(replicaId, payload)) return;
    const parsed = channelPublication.safeParse(payload);
    if (!parsed.success) {
      this.#rejected += 1;
      this.#lookAt(entry);
      return;
    }
    const publication = parsed.data;
    const { channel } = entry;
    if (publication.log === 'MESSAGES') {
      for (const row of publication.rows) {
        logs.messages.observe(channel.key, row);
        channel.accept(message(row));
      }
    } else {
      for (const row of publication.rows) {
        logs.changes.observe(channel.key, row);
        channel.accept(change(row));
      }
    }
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
