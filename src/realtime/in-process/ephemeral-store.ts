/** The ephemeral store of one process: lost with it, as it may be. */
import type { Clock } from '../../chat/clock.ts';
import type { Signal } from '../../chat/live/port.ts';
import {
  type EphemeralStore,
  type PresenceEntry,
  type RetainBounds,
  retainBounds,
  slotOf,
} from '../ephemeral-store.ts';
import { channelName } from '../topic-names.ts';

interface Replica {
  readonly entries: Map<string, PresenceEntry>;
  /** False until all of them were given. */
  readonly isWhole: boolean;
  lapsesAt: number;
}

interface Kept {
  readonly signal: Signal;
  readonly bytes: number;
}

const SWEEPS_A_LIFE = 60;

export interface InProcessStoreOptions {
  readonly clock: Clock;
  readonly bounds?: RetainBounds;
}

export function createInProcessStore({
  clock,
  bounds = retainBounds,
}: InProcessStoreOptions): EphemeralStore {
  const replicas = new Map<string, Replica>();
  /** By channel; in each by slot, in the order of sending. */
  const channels = new Map<string, Map<string, Kept>>();
  let isClosed = false;

  const mustBeOpen = (): void => {
    if (isClosed) throw new Error('The ephemeral store is closed.');
  };

  const living = (): Replica[] => {
    for (const [id, { lapsesAt }] of replicas) if (lapsesAt <= clock.now()) replicas.delete(id);
    return [...replicas.values()];
  };

  let sweptAt = clock.now();
  const isOld = ({ signal }: Kept): boolean => signal.sentAt <= clock.now() - bounds.lifeMs;

  /** Channels in which nothing was kept for long go, a while after. */
  const sweep = (): void => {
    if (clock.now() - sweptAt < bounds.lifeMs / SWEEPS_A_LIFE) return;
    sweptAt = clock.now();
    for (const [name, kept] of channels) if ([...kept.values()].every(isOld)) channels.delete(name);
  };

  return {
    async putPresence(replicaId, entries, lapseMs) {
      mustBeOpen();
      living();
      const replica = replicas.get(replicaId) ?? { entries: new Map(), isWhole: false, lapsesAt: 0 };
      replicas.set(replicaId, replica);
      replica.lapsesAt = clock.now() + lapseMs;
      for (const [name, entry] of entries) {
        if (entry === null) replica.entries.delete(name);
        else replica.entries.set(name, entry);
      }
    },

    async replacePresence(replicaId, entries, lapseMs) {
      mustBeOpen();
      replicas.set(replicaId, {
        entries: new Map(entries),
        isWhole: true,
        lapsesAt: clock.now() + lapseMs,
      });
    },

    async keepPresence(replicaId, lapseMs) {
      mustBeOpen();
      living();
      const replica = replicas.get(replicaId);
      if (replica === undefined || !replica.isWhole) return false;
      replica.lapsesAt = clock.now() + lapseMs;
      return true;
    },

    async presence(names) {
      mustBeOpen();
      const all = living();
      return names.map((name) => all.flatMap(({ entries }) => entries.get(name) ?? []));
    },

    async retain(channel, signal) {
      mustBeOpen();
      sweep();
      const name = channelName(channel);
      const kept = new Map(channels.get(name));
      const slot = slotOf(signal);
      if ((kept.get(slot)?.signal.sentAt ?? 0) > signal.sentAt) return;
      kept.set(slot, { signal, bytes: Buffer.byteLength(JSON.stringify(signal)) });
      const inOrder = [...kept]
        .filter(([, one]) => !isOld(one))
        .sort(([, a], [, b]) => a.signal.sentAt - b.signal.sentAt);
      let bytes = inOrder.reduce((sum, [, one]) => sum + one.bytes, 0);
      while (inOrder.length > bounds.signals || bytes > bounds.bytes) {
        bytes -= inOrder.shift()?.[1].bytes ?? bytes;
      }
      channels.set(name, new Map(inOrder));
    },

    async retained(keys) {
      mustBeOpen();
      return keys.map((key) => {
        const kept = [...(channels.get(channelName(key))?.values() ?? [])];
        return kept.filter((one) => !isOld(one)).map(({ signal }) => signal);
      });
    },

    async close() {
      isClosed = true;
      replicas.clear();
      channels.clear();
    },
  };
}
