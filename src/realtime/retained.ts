/**
 * Retained signals: kept for those who come later, and given to whoever subscribes. With the store away nothing is kept
 * and nobody waits for it.
 */
import type { LiveEvent, Signal } from '../chat/live/port.ts';
import type { ChannelKey } from '../chat/log/port.ts';
import type { Logger } from '../chat/logger.ts';
import type { RetainedSignals } from '../chat/signals/port.ts';
import type { EphemeralStore } from './ephemeral-store.ts';
import { Reads } from './reads.ts';
import { channelName } from './topic-names.ts';
import { within } from './wait.ts';

/** Channels of one read. */
const AT_ONCE = 200;
/** A subscription that begins waits for them no longer than this. */
const WAIT_MS = 300;
/** Given to one subscription: the newest. */
const MOST = { signals: 1_000, bytes: 1024 * 1024 };

export interface RetainedOptions {
  readonly store: Pick<EphemeralStore, 'retain' | 'retained'>;
  readonly logger: Logger;
  readonly waitMs?: number;
  readonly most?: typeof MOST;
}

/** One kept signal as an event, made once for all who are given it together. */
interface Kept {
  readonly event: LiveEvent;
  readonly sentAt: number;
  readonly bytes: number;
}

export class Retained implements RetainedSignals {
  readonly #options: RetainedOptions;
  readonly #reads: Reads<ChannelKey, readonly Kept[]>;

  constructor(options: RetainedOptions) {
    const { store, logger } = options;
    this.#options = options;
    this.#reads = new Reads<ChannelKey, readonly Kept[]>({
      nameOf: channelName,
      load: async (channels) => {
        const found = await store.retained(channels);
        return channels.map(({ channelId }, i) => (found[i] ?? []).map((signal) => kept(channelId, signal)));
      },
      atOnce: AT_ONCE,
      onFailed: (error) =>
        logger.debug({ err: error }, 'Retained signals cannot be read; nobody is given any.'),
    });
  }

  async retain(channel: ChannelKey, signal: Signal): Promise<boolean> {
    try {
      await this.#options.store.retain(channel, signal);
      return true;
    } catch (error) {
      this.#options.logger.debug({ err: error, ...channel }, 'A signal could not be retained.');
      return false;
    }
  }

  /** Of each channel, the oldest first. Never rejects and settles soon. */
  async eventsOf(channels: readonly ChannelKey[], signal: AbortSignal): Promise<readonly LiveEvent[]> {
    const { waitMs = WAIT_MS, most = MOST } = this.#options;
    if (channels.length === 0) return [];
    const reading = this.#reads.read(channels);
    const found = (await within(waitMs, reading, signal)) ? await reading : null;
    return newest(
      channels.flatMap((channel) => found?.get(channelName(channel)) ?? []),
      most,
    );
  }
}

/** In the order given, without the oldest where there are too many. */
function newest(all: readonly Kept[], most: typeof MOST): readonly LiveEvent[] {
  let signals = 0;
  let bytes = 0;
  const given = new Set<Kept>();
  for (const one of all.toSorted((a, b) => b.sentAt - a.sentAt)) {
    signals += 1;
    bytes += one.bytes;
    if (signals > most.signals || bytes > most.bytes) break;
    given.add(one);
  }
  return all.filter((one) => given.has(one)).map(({ event }) => event);
}

const kept = (channelId: string, signal: Signal): Kept => ({
  event: Object.freeze({ type: 'SignalSent', channelId, cursor: null, signal }),
  sentAt: signal.sentAt,
  bytes: JSON.stringify(signal).length,
});
