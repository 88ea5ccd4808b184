/**
 * Opens channels at their heads. Those that are attached to in one moment are opened together, in as few calls to the
 * logs as their bound allows; the heads are read after joining the topic, so that whatever is published from then on
 * is heard.
 */
import type { Bounds, Timings } from '../timings.ts';
import { within } from '../wait.ts';
import type { Entry } from './entry.ts';
import { readHeads, rounds } from './heads.ts';
import type { Logs } from './logs.ts';

export interface OpenerOptions {
  readonly logs: Logs;
  readonly timings: Timings;
  readonly bounds: Bounds;
  readonly isUp: () => boolean;
  /** Joins the channel's topic; resolves once it is joined. */
  readonly join: (entry: Entry) => Promise<void>;
  /** Something may have been missed there. */
  readonly look: (entry: Entry) => void;
  readonly discard: (entry: Entry) => void;
}

export class Opener {
  readonly #options: OpenerOptions;
  readonly #end = new AbortController();
  #waiting: Entry[] = [];

  constructor(options: OpenerOptions) {
    this.#options = options;
  }

  open(entry: Entry): void {
    this.#waiting.push(entry);
    if (this.#waiting.length === 1) queueMicrotask(() => void this.#open(this.#waiting.splice(0)));
  }

  close(): void {
    this.#end.abort();
  }

  async #open(entries: readonly Entry[]): Promise<void> {
    const { bounds, timings, isUp, look } = this.#options;
    const joins = entries.map((entry) =>
      entry.channel.isClosed ? Promise.resolve() : this.#options.join(entry),
    );
    // With the bus down there is nothing to wait for.
    const areJoined = isUp() && (await within(timings.joinMs, Promise.all(joins), this.#end.signal));
    for (const some of rounds(entries, bounds.headsPerCall)) await this.#openRound(some);
    // A topic joined later may have missed something since the heads were read.
    if (!areJoined) for (const [i, entry] of entries.entries()) void joins[i]?.then(() => look(entry));
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
        this.#options.discard(entry);
      }
    }
  }
}
