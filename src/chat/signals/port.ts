/** Signals that are kept a while for those who come later; src/realtime keeps them where they may be lost. */
import type { Signal } from '../live/port.ts';
import type { ChannelKey } from '../log/port.ts';

export interface RetainedSignals {
  /**
   * Keeps the newest of this sender and key, for an hour at most. Never rejects and settles soon: false when it was
   * not kept, as far as is known. What was kept may be lost.
   */
  retain(channel: ChannelKey, signal: Signal): Promise<boolean>;
}
