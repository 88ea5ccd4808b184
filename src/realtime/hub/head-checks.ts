/**
 * Looks at the heads of channels that may have moved on unheard: all that are due, in rounds of one call for each
 * log that a store can answer in time, one round after another. A round that fails goes behind the others and is
 * tried again until the store answers.
 */
import type { Logger } from '../../chat/logger.ts';
import type { Bounds, Timings } from '../timings.ts';
import { Retry } from '../wait.ts';
import type { HubChannel } from './channel.ts';
import type { HubCounts } from './counts.ts';
import { readHeads } from './heads.ts';
import type { Logs } from './logs.ts';

export class HeadChecks {
  readonly #logs: Logs;
  readonly #logger: Logger;
  readonly #counts: HubCounts;
  readonly #perRound: number;
  readonly #retry: Retry;
  readonly #end = new AbortController();
  readonly #due = new Set<HubChannel>();
  #isRunning = false;

  constructor(logs: Logs, timings: Timings, bounds: Bounds, logger: Logger, counts: HubCounts) {
    this.#perRound = bounds.headsPerCall;
    this.#logs = logs;
    this.#retry = new Retry(timings);
    this.#logger = logger;
    this.#counts = counts;
  }

  /** The channels' heads are read anew, in a round that starts after this call. */
  check(channels: Iterable<HubChannel>): void {
    for (const channel of channels) this.#due.add(channel);
    if (!this.#isRunning && this.#due.size > 0) void this.#run();
  }

  close(): void {
    this.#end.abort();
    this.#due.clear();
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    // Gathers what one moment brings: a beat that names channels, an interruption that concerns all.
    await Promise.resolve();
    while (this.#due.size > 0 && !this.#end.signal.aborted) {
      const channels = this.#nextRound();
      try {
        await this.#round(channels);
        this.#retry.reset();
      } catch (error) {
        this.#logger.warn(
          { err: error, channels: channels.length },
          'Heads cannot be read yet; trying again.',
        );
        for (const channel of channels) this.#due.add(channel);
        await this.#retry.wait(this.#end.signal);
      }
    }
    this.#isRunning = false;
  }

  #nextRound(): readonly HubChannel[] {
    const round: HubChannel[] = [];
    for (const channel of this.#due) {
      this.#due.delete(channel);
      if (!channel.isClosed) round.push(channel);
      if (round.length >= this.#perRound) break;
    }
    return round;
  }

  async #round(channels: readonly HubChannel[]): Promise<void> {
    const opened = channels.flatMap((channel) => {
      if (channel.position !== null) return [{ channel, before: channel.position }];
      channel.suspectBeforeOpen();
      return [];
    });
    const heads = await readHeads(
      this.#logs,
      opened.map(({ channel }) => channel.key),
    );
    this.#counts.headsChecked += opened.length;
    for (const [i, { channel, before }] of opened.entries()) {
      const head = heads[i];
      if (head !== undefined) channel.headsAre(head, before);
    }
  }
}
