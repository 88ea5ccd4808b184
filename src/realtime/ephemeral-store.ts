/**
 * The port of what is kept for minutes and may be lost at any time: who is connected where, and retained signals. One
 * store for all replicas. Every call settles within a short deadline; what rejects was done, or not, or in part.
 */
import type { Signal } from '../chat/live/port.ts';
import type { ChannelKey } from '../chat/log/port.ts';
import type { Presence } from '../chat/presence/port.ts';

/** What one replica knows of one person. */
export interface PresenceEntry {
  /** OFFLINE: connected, and wants to appear as not. */
  readonly presence: Presence;
  /** The last connection there is gone, a moment ago. */
  readonly isLingering: boolean;
}

/** By `userName` of the person. */
export type PresenceEntries = ReadonlyMap<string, PresenceEntry>;

export interface EphemeralStore {
  /** Changes some of a replica's entries; null takes one away. All of them lapse unless `keepPresence` is called. */
  putPresence(
    replicaId: string,
    entries: ReadonlyMap<string, PresenceEntry | null>,
    lapseMs: number,
  ): Promise<void>;
  /** These are all of the replica's entries, whatever it had. */
  replacePresence(replicaId: string, entries: PresenceEntries, lapseMs: number): Promise<void>;
  /** The replica's entries go on for this long. False when they are not all there: they must be replaced. */
  keepPresence(replicaId: string, lapseMs: number): Promise<boolean>;
  /** What the replicas that live know of each person, in the order asked. */
  presence(names: readonly string[]): Promise<readonly (readonly PresenceEntry[])[]>;

  /**
   * Keeps the newest signal of this sender and key (or, without one, of this name). The oldest ones go when the
   * channel has more than its bounds.
   */
  retain(channel: ChannelKey, signal: Signal): Promise<void>;
  /** The signals kept of each channel, the oldest first. */
  retained(channels: readonly ChannelKey[]): Promise<readonly (readonly Signal[])[]>;

  close(): Promise<void>;
}

export interface RetainBounds {
  /** Of one channel. */
  readonly signals: number;
  /** About their size as JSON. */
  readonly bytes: number;
  readonly lifeMs: number;
}

export const retainBounds: RetainBounds = { signals: 100, bytes: 64 * 1024, lifeMs: 3_600_000 };

/** Of signals with the same slot only the newest is kept. */
export const slotOf = ({ userId, key, name }: Signal): string =>
  key === null ? `${userId}:name:${name}` : `${userId}:key:${key}`;
