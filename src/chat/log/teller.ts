/** Tells of one channel's saved rows, each once and ascending. */
import type { AppendContext } from './append-context.ts';
import type { ChannelKey, LogRow } from './port.ts';

export class Teller<Entry> {
  readonly #channel: ChannelKey;
  readonly #context: AppendContext<Entry>;
  /** The highest number told of. */
  #toldTo = 0;

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

  /** The log is not what it was: its numbers begin anew somewhere. */
  beginAnew(): void {
    this.#toldTo = 0;
  }
}
