/**
 * An event on its way to subscribers: one frozen object for all who are told the same, so that their queues hold no
 * copies and what renders it can know it again.
 */
import type { LiveEvent } from '../../chat/live/port.ts';

export interface Delivery {
  readonly event: LiveEvent;
  /** About what it holds in memory. */
  readonly bytes: number;
  /** Kept nowhere: the first to go when a subscriber does not keep up. */
  readonly isEphemeral: boolean;
  /** Of ephemeral ones that wait under one name only the newest counts; null: each counts. */
  readonly name: string | null;
}

/** Made once for each event. */
export function deliveryOf(event: LiveEvent, bytes: number): Delivery {
  const isEphemeral = event.type === 'TypingStarted' || event.type === 'SignalSent';
  return Object.freeze({ event: Object.freeze(event), bytes, isEphemeral, name: nameOf(event) });
}

function nameOf(event: LiveEvent): string | null {
  if (event.type === 'TypingStarted') return `typing:${event.channelId}:${event.userId}`;
  if (event.type !== 'SignalSent' || event.signal.key === null) return null;
  const { userId, key } = event.signal;
  return `signal:${event.channelId}:${userId}:${key}`;
}
