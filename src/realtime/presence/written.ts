/**
 * Writes who is connected here to the store, and then tells those who watch. Changes of a short while go together; a
 * replica stands by all of them with one small write every few seconds. Whatever did not succeed, or was lost there, is
 * put right by writing all anew: the store is never believed to hold more than it was seen to take.
 */
import type { Person } from '../../chat/connections/port.ts';
import type { Logger } from '../../chat/logger.ts';
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
  /** The store says something else of the person than before. */
  readonly tell: (person: Person) => void;
}

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
    const { store, replicaId, connected, timings, tell } = this.#options;
    const people = [...this.#changed.values()].slice(0, most);
    for (const person of people) this.#changed.delete(userName(person));
    await this.#goOn(
      people.filter((person) => !this.#there.has(userName(person)) && connected.isSilent(person)),
    );
    const before = new Map(people.map((person) => [person, this.#there.get(userName(person)) ?? null]));
    const changes = [...before].filter(([person, was]) => !isSameEntry(was, connected.entryOf(person)));
    if (changes.length === 0) return;
    const entries = new Map(changes.map(([person]) => [userName(person), connected.entryOf(person)]));
    if (this.#isKnown) {
      await store.putPresence(replicaId, entries, timings.lapseMs);
      for (const [name, entry] of entries) {
        if (entry === null) this.#there.delete(name);
        else this.#there.set(name, entry);
      }
    } else {
      await this.#replace(timings.lapseMs);
    }
    for (const [person, was] of changes) {
      if (shownOf(was) !== shownOf(entries.get(userName(person)))) tell(person);
    }
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
    if (connected.size === 0 && this.#there.size === 0 && this.#isKnown) return;
    if (this.#isKnown && (await store.keepPresence(replicaId, lapseMs))) return;
    await this.#replace(lapseMs);
  }

  async #replace(lapseMs: number): Promise<void> {
    const { store, replicaId, connected } = this.#options;
    const entries = connected.entries();
    await store.replacePresence(replicaId, entries, lapseMs);
    this.#there = entries;
    this.#isKnown = true;
  }
}
