/** The log's port in front of the cells': each call goes to the cell of its organization. */
import type {
  AppendBatch,
  AppendOutcome,
  BucketAnswer,
  BucketRef,
  BucketState,
  ChannelKey,
  LogRow,
  LogStore,
} from '../../chat/log/port.ts';
import type { CellLogs } from './cell.ts';
import type { Routes } from './routes.ts';

export class CellsLogStore<Entry> implements LogStore<Entry> {
  /** The same in every cell: each refuses another. */
  readonly bucketSize: number;
  readonly #routes: Routes;
  readonly #pick: (logs: CellLogs) => LogStore<Entry>;

  constructor(routes: Routes, bucketSize: number, pick: (logs: CellLogs) => LogStore<Entry>) {
    this.bucketSize = bucketSize;
    this.#routes = routes;
    this.#pick = pick;
  }

  append(batch: AppendBatch<Entry>): Promise<AppendOutcome> {
    return this.#routes.to(batch.channel.organizationId, (logs) => this.#pick(logs).append(batch));
  }

  seal(channel: ChannelKey, head: number, to: string): Promise<AppendOutcome> {
    return this.#routes.to(channel.organizationId, (logs) => this.#pick(logs).seal(channel, head, to));
  }

  consult(ref: BucketRef, sendKeys: readonly string[]): Promise<BucketAnswer> {
    return this.#routes.to(ref.channel.organizationId, (logs) => this.#pick(logs).consult(ref, sendKeys));
  }

  async states(refs: readonly BucketRef[]): Promise<readonly (BucketState | null)[]> {
    const states = await this.#routes.spread(
      refs,
      ({ channel }) => channel,
      (logs, some) => this.#pick(logs).states(some),
    );
    // Whoever begins to append looks at these first, and finds a log that has moved sealed.
    states.forEach((state, i) => {
      const organizationId = refs[i]?.channel.organizationId;
      if (state?.last === -1 && organizationId !== undefined) this.#routes.sealed(organizationId);
    });
    return states;
  }

  tailHints(channels: readonly ChannelKey[]): Promise<readonly (number | null)[]> {
    return this.#routes.spread(
      channels,
      (channel) => channel,
      (logs, some) => this.#pick(logs).tailHints(some),
    );
  }

  hintTail(ref: BucketRef): Promise<void> {
    return this.#routes.to(ref.channel.organizationId, (logs) => this.#pick(logs).hintTail(ref));
  }

  range(channel: ChannelKey, from: number, to: number): Promise<readonly LogRow<Entry>[]> {
    return this.#routes.to(channel.organizationId, (logs) => this.#pick(logs).range(channel, from, to));
  }

  rows(
    refs: readonly { readonly channel: ChannelKey; readonly seq: number }[],
  ): Promise<readonly (LogRow<Entry> | null)[]> {
    return this.#routes.spread(
      refs,
      ({ channel }) => channel,
      (logs, some) => this.#pick(logs).rows(some),
    );
  }
}
