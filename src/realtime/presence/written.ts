/**
 * Writes who is connected here to the store, and then tells those who watch. Changes of a short while go together; a
 * replica stands by all of them with one small write every few seconds. Whatever did not succeed, or was lost there, is
 * put right by writing all anew: the store is never believed to hold more than it was seen to take.
 */
import type { Person } from '../../chat/connections/port.ts';
import type { Logger } from '../../chat/logger.ts';
import type { Presence } from '../../chat/presence/port.ts';
import type { EphemeralStore, PresenceEntry } from '../ephemeral-store.ts';
import { userName } from '../topic-names.ts';
import type { Connected } from './connected.ts';
import { combined, isSameEntry, shownOf } from './state.ts';
import type { PresenceTimings } from './timings.ts';

/** People whose changes are written and told at once: more would keep the bus from messages. */
const AT_ONCE = 500;

export interface WrittenOptions {
  readonly store: EphemeralStore;
  readonly replicaId: string;
  readonly connected: Connected;
  readonly timings: PresenceTimings;
  readonly logger: Logger;
  /** The store says something else of the person of this name than before. */
  readonly tell: (name: string, presence: Presence) => void;
}

/** What the store has of somebody: their name, what it had, what it has now. */
type Change = readonly [name: string, was: PresenceEntry | null, now: PresenceEntry | null];

export class Written {
  readonly #options: WrittenOptions;
  readonly #changed = new Map<string, Person>();
  /** What the store has, as far as it was seen to take it. */
  #there = new Map<string, PresenceEntry>();
  /** False when the store may have anything: all is to be written anew. */
  #isKnown = false;
  #flushing: NodeJS.Timeout | null = null;
  readonly #refreshing: NodeJS.Timeout;
  /** One call after the other, so that none undoes a later one. */
  #turn: Promise<void> = Promise.resolve();
  #isRefreshDue = false;
  #isClosed = false;

  /** Starts the timer; whoever made it closes it. */
  constructor(options: WrittenOptions) {
    this.#options = options;
    this.#refreshing = setInterval(() => this.refresh(), options.timings.refreshMs).unref();
  }

  changed(person: Person): void {
    if (this.#isClosed) return;
    this.#changed.set(userName(person), person);
    this.#flushing ??= setTimeout(() => this.#flushSoon(), this.#options.timings.flushMs).unref();
  }

  /** Stands by what is there, now. */
  refresh(): void {
    if (this.#isRefreshDue) return;
    this.#isRefreshDue = true;
    this.#inTurn(() => {
      this.#isRefreshDue = false;
      return this.#refresh(this.#options.timings.lapseMs);
    });
  }

  /** Writes what is not written yet; it lapses when everybody's grace ends. Settles within the store's deadlines. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#refreshing);
    if (this.#flushing !== null) clearTimeout(this.#flushing);
    this.#inTurn(() => this.#flush(Number.POSITIVE_INFINITY));
    this.#inTurn(() => this.#refresh(this.#options.timings.graceMs));
    await this.#turn;
  }

  #inTurn(work: () => Promise<void>): void {
    this.#turn = this.#turn.then(work).catch((error: unknown) => {
      this.#isKnown = false;
      this.#options.logger.debug({ err: error }, 'Presence could not be written; it will be, all of it.');
    });
  }

  #flushSoon(): void {
    this.#flushing = null;
    this.#inTurn(async () => {
      await this.#flush(AT_ONCE);
      const [next] = this.#changed.values();
      if (next !== undefined) this.changed(next);
    });
  }

  async #flush(most: number): Promise<void> {
    const { store, replicaId, connected, timings } = this.#options;
    const people = [...this.#changed].slice(0, most);
    for (const [name] of people) this.#changed.delete(name);
    const fresh = people.filter(([name, person]) => !this.#there.has(name) && connected.isSilent(person));
    await this.#goOn(fresh.map(([, person]) => person));
    if (!this.#isKnown) return this.#replace(timings.lapseMs);
    const entries = new Map<string, PresenceEntry | null>();
    for (const [name, person] of people) {
      const entry = connected.entryOf(person);
      if (!isSameEntry(this.#there.get(name) ?? null, entry)) entries.set(name, entry);
    }
    if (entries.size === 0) return;
    await store.putPresence(replicaId, entries, timings.lapseMs);
    const changes = [...entries].map(([name, now]): Change => [name, this.#there.get(name) ?? null, now]);
    for (const [name, , now] of changes) {
      if (now === null) this.#there.delete(name);
      else this.#there.set(name, now);
    }
    this.#tell(changes);
  }

  /** Who came here from another replica a moment ago goes on as what they had said there. */
  async #goOn(fresh: readonly Person[]): Promise<void> {
    if (fresh.length === 0) return;
    const { store, connected } = this.#options;
    const found = await store.presence(fresh.map(userName));
    for (const [i, person] of fresh.entries()) {
      const entries = found[i] ?? [];
      if (entries.length === 0 || entries.some(({ isLingering }) => !isLingering)) continue;
      connected.goOnAs(person, combined(entries.map(({ presence }) => presence)));
    }
  }

  async #refresh(lapseMs: number): Promise<void> {
    const { store, replicaId, connected } = this.#options;
    // Not left to what follows: whoever has just come may go on as they were elsewhere.
    await this.#flush(AT_ONCE);
    if (connected.size === 0 && this.#there.size === 0 && this.#isKnown) return;
    if (this.#isKnown && (await store.keepPresence(replicaId, lapseMs))) return;
    await this.#replace(lapseMs);
  }

  async #replace(lapseMs: number): Promise<void> {
    const { store, replicaId, connected } = this.#options;
    const entries = connected.entries();
    await store.replacePresence(replicaId, entries, lapseMs);
    const before = this.#there;
    this.#there = entries;
    this.#isKnown = true;
    const names = new Set([...before.keys(), ...entries.keys()]);
    this.#tell([...names].map((name) => [name, before.get(name) ?? null, entries.get(name) ?? null]));
  }

  #tell(changes: readonly Change[]): void {
    const seen = changes.filter(([, was, now]) => shownOf(was) !== shownOf(now));
    // After an outage there may be more: those are found by who watches them, as they look.
    for (const [name, , now] of seen.slice(0, AT_ONCE)) this.#options.tell(name, shownOf(now));
  }
}
