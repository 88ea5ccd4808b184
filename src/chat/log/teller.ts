/** Tells of one channel's saved rows, each once and ascending; and of what was given up and may be saved. */
import type { AppendContext } from './append-context.ts';
import type { ChannelKey, LogRow } from './port.ts';

export class Teller<Entry> {
  readonly #channel: ChannelKey;
  readonly #context: AppendContext<Entry>;
  /** The highest number told of. */
  #toldTo = 0;
  /** The outcome of an append is not known, and nothing told of since lies behind it. */
  #isUncertain = false;

  constructor(channel: ChannelKey, context: AppendContext<Entry>) {
    this.#channel = channel;
    this.#context = context;
  }

  /**
   * @param saved ascending. One that turns out to be saved after later ones were told of is left out: readers see
   * the gap in the numbers and read it from the log.
   */
  tell(saved: readonly LogRow<Entry>[]): void {
    const rows = saved.filter((row) => row.seq > this.#toldTo);
    const last = rows.at(-1);
    if (last === undefined) return;
    this.#toldTo = last.seq;
    try {
      this.#context.onAppended(this.#channel, rows);
    } catch (error) {
      this.#context.logger.error({ err: error, ...this.#channel }, 'telling of saved entries failed');
    }
  }

  /** An append may be saved whose rows were not told of. */
  doubt(): void {
    this.#isUncertain = true;
  }

  /** What was doubted came to be known. */
  trust(): void {
    this.#isUncertain = false;
  }

  /** Nobody waits for what was doubted: readers had better look. */
  giveUp(): void {
    if (!this.#isUncertain) return;
    this.#isUncertain = false;
    try {
      this.#context.onUncertain(this.#channel);
    } catch (error) {
      this.#context.logger.error({ err: error, ...this.#channel }, 'telling of an uncertain append failed');
    }
  }

  /** The log is not what it was: its numbers begin anew somewhere. */
  beginAnew(): void {
    this.#toldTo = 0;
  }
}
