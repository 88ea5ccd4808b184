/** A channel with local listeners, and what must be let go of with it. */
import type { BusSubscription } from '../bus.ts';
import type { HubChannel } from './channel.ts';

export interface Entry {
  readonly channel: HubChannel;
  /** Resolves when the channel's place is known, or nobody waits for it; rejects with what the logs threw. */
  readonly opened: Promise<void>;
  readonly settle: { resolve: () => void; reject: (error: unknown) => void };
  topic: BusSubscription | null;
}

export function makeEntry(channel: HubChannel): Entry {
  const { promise: opened, ...settle } = Promise.withResolvers<void>();
  // Listeners that are gone before do not ask how it went.
  opened.catch(() => undefined);
  return { channel, opened, settle, topic: null };
}
