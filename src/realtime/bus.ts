/**
 * The port of the bus that carries hints between replicas. What it carries may be lost, repeated or reordered
 * without breaking a promise: the logs are the truth, and every listener repairs itself from them. So the bus
 * promises little, but says honestly what it knows: whether a publication was taken, and when something may have
 * been missed.
 */

/** UP: what others publish arrives, as far as can be told. DOWN: it may not. */
export type BusState = 'UP' | 'DOWN';

/** A publication was not confirmed in time. It may have arrived all the same. */
export class NotConfirmed extends Error {
  override readonly name = 'NotConfirmed';
}

/** Hears what was published on a topic: JSON of any shape, which the listener must check. May throw: that is logged. */
export type BusListener = (payload: unknown) => void;

export interface BusSubscription {
  /**
   * Resolves once publications arrive: at once or, while the bus is down, after it came back. Whoever needs to
   * miss nothing looks at the truth after this. Never rejects; stays pending when left before.
   */
  readonly joined: Promise<void>;
  leave(): void;
}

export interface Bus {
  /** False when nobody outside this process can be on it, so that nobody has to be got to know. */
  readonly isShared: boolean;
  /** Carries anything that JSON carries whole. Settles within a short deadline. Throws NotConfirmed. */
  publish(topic: string, payload: unknown): Promise<void>;
  /** Each listener of a topic hears each publication; never while `publish` or `subscribe` is still on the stack. */
  subscribe(topic: string, listener: BusListener): BusSubscription;
  /** The bus went down. Returns what ends the listening. */
  onInterrupted(listener: () => void): () => void;
  /** The bus is up, with all topics joined again: anything may have been missed until now. */
  onRestored(listener: () => void): () => void;
  state(): BusState;
  /** Topics joined or being joined, for metrics and leak tests. */
  topics(): number;
  /** Settles within a second or so, whatever the state. Nothing is heard afterwards. */
  close(): Promise<void>;
}
