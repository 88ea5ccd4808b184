/**
 * A bus between replicas of one test that loses, repeats, delays and reorders what it carries, and may be cut for
 * some of them, with or without telling. All chance comes from one seed.
 */
import { type Bus, type BusListener, NotConfirmed } from '../bus.ts';

/** A small generator of numbers from 0 to 1 (mulberry32): the same seed, the same run. */
export function chanceOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export interface Faults {
  /** Share of deliveries that never arrive, though confirmed. */
  drop: number;
  /** Share of deliveries that arrive twice. */
  repeat: number;
  /** Share of publications that are not confirmed, though they arrive. */
  unconfirmed: number;
  /** Deliveries take up to this long, each its own time: so they overtake each other. */
  delayMs: number;
}

export const noFaults: Faults = { drop: 0, repeat: 0, unconfirmed: 0, delayMs: 0 };

export interface Network {
  readonly faults: Faults;
  /** The end of one replica. */
  bus(): TestBus;
}

export interface TestBus extends Bus {
  /** Nothing comes or goes. Told: the bus knows, as with a closed connection; else it learns by silence alone. */
  cut(isTold: boolean): void;
  /** Topics asked for while it was cut are joined now, or when `joinLate` is called. */
  restore(areJoinsNow?: boolean): void;
  joinLate(): void;
  /** What others publish arrives, but nothing of this one's leaves: also not confirmed. */
  mute(): void;
  /** Puts a payload of any shape on a topic. */
  forge(topic: string, payload: unknown): void;
}

interface End {
  readonly topics: Map<string, Set<BusListener>>;
  isCut: boolean;
  isMute: boolean;
  isTold: boolean;
  isClosed: boolean;
}

export function createNetwork(chance: () => number, faults: Partial<Faults> = {}): Network {
  const current: Faults = { ...noFaults, ...faults };
  const ends = new Set<End>();

  const carry = (end: End, topic: string, text: string): void => {
    const deliver = (): void => {
      if (end.isCut || end.isClosed) return;
      for (const listener of end.topics.get(topic) ?? []) listener(JSON.parse(text));
    };
    const times = chance() < current.drop ? 0 : chance() < current.repeat ? 2 : 1;
    for (let i = 0; i < times; i += 1) {
      if (current.delayMs === 0) setImmediate(deliver);
      else setTimeout(deliver, chance() * current.delayMs);
    }
  };

  const open = (): TestBus => {
    const end: End = { topics: new Map(), isCut: false, isMute: false, isTold: false, isClosed: false };
    ends.add(end);
    const interrupted = new Set<() => void>();
    const restored = new Set<() => void>();
    /** Topics asked for while cut. */
    const joins: (() => void)[] = [];
    return {
      isShared: true,
      async publish(topic, payload) {
        const text = JSON.stringify(payload);
        if (end.isCut || end.isMute || end.isClosed) throw new NotConfirmed('The network is cut.');
        for (const other of ends) carry(other, topic, text);
        if (chance() < current.unconfirmed) throw new NotConfirmed('The answer was lost.');
      },
      subscribe(topic, listener) {
        const own: BusListener = (payload) => listener(payload);
        if (!end.isClosed) end.topics.set(topic, (end.topics.get(topic) ?? new Set()).add(own));
        return {
          joined: new Promise((resolve) => {
            if (end.isCut) joins.push(resolve);
            else setImmediate(resolve);
          }),
          leave() {
            const listeners = end.topics.get(topic);
            if (listeners?.delete(own) && listeners.size === 0) end.topics.delete(topic);
          },
        };
      },
      onInterrupted(listener) {
        interrupted.add(listener);
        return () => interrupted.delete(listener);
      },
      onRestored(listener) {
        restored.add(listener);
        return () => restored.delete(listener);
      },
      state: () => (end.isClosed || end.isTold ? 'DOWN' : 'UP'),
      topics: () => end.topics.size,
      async close() {
        end.isClosed = true;
        end.topics.clear();
        ends.delete(end);
      },
      cut(isTold) {
        end.isCut = true;
        end.isTold = isTold;
        if (isTold) for (const listener of interrupted) listener();
      },
      restore(areJoinsNow = true) {
        const wasTold = end.isTold;
        end.isCut = false;
        end.isTold = false;
        end.isMute = false;
        if (wasTold) for (const listener of restored) listener();
        if (areJoinsNow) this.joinLate();
      },
      joinLate() {
        for (const join of joins.splice(0)) join();
      },
      mute() {
        end.isMute = true;
      },
      forge(topic, payload) {
        for (const other of ends) carry(other, topic, JSON.stringify(payload));
      },
    };
  };
  return { faults: current, bus: open };
}
