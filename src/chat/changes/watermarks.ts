/**
 * Notes in the store how far channels are projected, aside: no answer waits for it, one note a channel is under way
 * at a time, and of those that come up meanwhile only the newest is written. A note that is lost costs whoever opens
 * the channel next a repeated projection.
 */
import { settlesWithin } from '../closing.ts';
import type { ChannelKey } from '../log/port.ts';
import type { Logger } from '../logger.ts';
import type { ProjectionStore } from './port.ts';

/** Channels with a note under way; those beyond are noted with their next change. */
const MOST = 10_000;
const CLOSE_MS = 5_000;

export class Watermarks {
  readonly #store: Pick<ProjectionStore, 'noteProjected'>;
  readonly #logger: Logger;
  /** By channel the newest rev to note; those here have a note under way. */
  readonly #wanted = new Map<string, number>();
  readonly #running = new Set<Promise<void>>();

  constructor(store: Pick<ProjectionStore, 'noteProjected'>, logger: Logger) {
    this.#store = store;
    this.#logger = logger;
  }

  note(channel: ChannelKey, rev: number): void {
    const name = `${channel.organizationId}/${channel.channelId}`;
    const wanted = this.#wanted.get(name);
    if (wanted !== undefined) {
      this.#wanted.set(name, Math.max(wanted, rev));
    } else if (this.#wanted.size < MOST) {
      this.#wanted.set(name, rev);
      const running = this.#write(channel, name).finally(() => this.#running.delete(running));
      this.#running.add(running);
    }
  }

  async #write(channel: ChannelKey, name: string): Promise<void> {
    try {
      for (let written = 0; ; ) {
        const rev = this.#wanted.get(name) ?? 0;
        if (rev <= written) return;
        await this.#store.noteProjected(channel, rev);
        written = rev;
      }
    } catch (error) {
      this.#logger.debug({ err: error, ...channel }, 'how far a channel is projected was not noted');
    } finally {
      this.#wanted.delete(name);
    }
  }

  /** Waits for what is under way, for 5 s at most. Never throws. */
  async close(): Promise<void> {
    await settlesWithin(CLOSE_MS, Promise.all(this.#running));
  }
}
