/**
 * Puts changes into effect on their messages, and knows how far that has come. A change is appended only once all
 * before it are projected, so what may be missing is the batch at the log's end, left by a replica that ended between
 * the append and its projection. Whoever wants to use a rev projects what is missing first; repeating does no harm.
 */
import type { ChangeEntry, MessageEntry } from '../log/entries.ts';
import { bucketOf, type ChannelKey, type LogRow, type LogStore, StoreUnreachable } from '../log/port.ts';
import type { Logger } from '../logger.ts';
import { eraseEdits } from './erase.ts';
import { KnownRevs } from './known-revs.ts';
import { changesOfMessagesThere } from './of-messages-there.ts';
import type { ProjectionStore } from './port.ts';
import { Watermarks } from './watermarks.ts';

/** Changes projected in one step, as many as are appended in one. */
const STEP = 64;
/** Channels brought up to date at once. */
const AT_ONCE = 8;

export interface ChannelHead {
  readonly channel: ChannelKey;
  readonly head: number;
}

interface Behind extends ChannelHead {
  /** At least up to here. */
  readonly projected: number;
}

export interface ProjectorOptions {
  readonly changes: LogStore<ChangeEntry>;
  readonly messages: Pick<LogStore<MessageEntry>, 'rows'>;
  readonly projections: ProjectionStore;
  readonly logger: Logger;
  /** Channels whose projected rev is kept in memory; only tests change it. */
  readonly knownChannels?: number;
}

export class Projector {
  readonly #changes: LogStore<ChangeEntry>;
  readonly #messages: Pick<LogStore<MessageEntry>, 'rows'>;
  readonly #projections: ProjectionStore;
  readonly #known: KnownRevs;
  readonly #watermarks: Watermarks;
  /** By channel, what is being projected: one run at a time, all who wait share it. */
  readonly #running = new Map<string, Promise<void>>();

  constructor({ changes, messages, projections, logger, knownChannels }: ProjectorOptions) {
    this.#changes = changes;
    this.#messages = messages;
    this.#projections = projections;
    this.#known = new KnownRevs(knownChannels);
    this.#watermarks = new Watermarks(projections, logger);
  }

  /** Another replica told of this rev, which it does only once everything up to it is projected. */
  observe(channel: ChannelKey, rev: number): void {
    this.#known.note(channel, rev);
  }

  /**
   * Returns once every change up to these heads is projected: without asking anything where that is known, with one
   * call where the store says so.
   * @param heads as just read from the store: what is known beyond them is not believed any more.
   */
  async reach(heads: readonly ChannelHead[]): Promise<void> {
    const unknown: ChannelHead[] = [];
    for (const { channel, head } of heads) {
      const known = this.#known.of(channel);
      // After a restore the numbers begin anew further down.
      if (known > head) this.#known.forget(channel);
      if (known !== head) unknown.push({ channel, head });
    }
    const behind = await this.#readWatermarks(unknown);
    const queue = behind.values();
    const work = async (): Promise<void> => {
      for (const { channel, head } of queue) await this.settle(channel, head);
    };
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, behind.length) }, work));
  }

  /** Returns once every change up to `head` is projected. Throws what the store throws. */
  async settle(channel: ChannelKey, head: number): Promise<void> {
    const name = `${channel.organizationId}/${channel.channelId}`;
    while (this.#known.of(channel) < head) {
      const running = this.#running.get(name) ?? this.#start(name, channel, head);
      await running;
    }
  }

  /**
   * Projects what was just appended; everything before is projected. Returns once it is durable.
   * @param there those whose message is there: all that were decided just now.
   */
  async apply(channel: ChannelKey, rows: readonly LogRow<ChangeEntry>[], there = rows): Promise<void> {
    const last = rows.at(-1);
    if (last === undefined) return;
    await this.#projections.project(channel, there);
    for (const row of rows) {
      if (row.entry.kind === 'DELETED') await eraseEdits(this.#changes, this.#projections, channel, row);
    }
    this.#known.note(channel, last.seq);
    this.#watermarks.note(channel, last.seq);
  }

  /** The log was restored from a backup: what was known to be projected is asked of the store again. */
  forget(): void {
    this.#known.clear();
  }

  async close(): Promise<void> {
    await this.#watermarks.close();
  }

  #start(name: string, channel: ChannelKey, head: number): Promise<void> {
    const run = this.#catchUp(channel, head).finally(() => this.#running.delete(name));
    this.#running.set(name, run);
    return run;
  }

  async #catchUp(channel: ChannelKey, head: number): Promise<void> {
    const [behind] = await this.#readWatermarks([{ channel, head }]);
    if (behind === undefined) return;
    for (let from = behind.projected + 1; from <= head; from += STEP) {
      const to = Math.min(head, from + STEP - 1);
      const rows = await this.#changes.range(channel, from, to);
      if (rows.length !== to - from + 1)
        throw new StoreUnreachable(`the store does not show all changes ${from} to ${to}`);
      await this.apply(channel, rows, await changesOfMessagesThere(this.#messages, channel, rows));
    }
  }

  /** One call. @returns those that are not projected up to their head. */
  async #readWatermarks(heads: readonly ChannelHead[]): Promise<readonly Behind[]> {
    const some = heads.filter(({ head }) => head > 0);
    if (some.length === 0) return [];
    const { bucketSize } = this.#changes;
    const refs = some.map(({ channel, head }) => ({ channel, bucket: bucketOf(head, bucketSize) }));
    const states = await this.#changes.states(refs);
    return some.flatMap(({ channel, head }, i): Behind[] => {
      // Nothing noted in this bucket: its first entry was appended once all before it were projected.
      const noted = states[i]?.projected ?? (refs[i]?.bucket ?? 0) * bucketSize;
      const projected = Math.max(noted, this.#known.of(channel));
      this.#known.note(channel, projected);
      return projected < head ? [{ channel, head, projected }] : [];
    });
  }
}
