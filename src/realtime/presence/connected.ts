/**
 * Who is connected to this replica, and what they said of it. A person whose last connection has gone lingers for the
 * grace, as they were; a connection that comes meanwhile goes on from there, so that a reconnect shows nothing, not even
 * of somebody who wants to be invisible.
 */
import type { Person } from '../../chat/connections/port.ts';
import type { ConnectionWatch, Presence } from '../../chat/presence/port.ts';
import type { PresenceEntry } from '../ephemeral-store.ts';
import { userName } from '../topic-names.ts';
import { combined } from './state.ts';

interface Local {
  readonly person: Person;
  /** By connection, what was said on it; null for nothing, which counts as ACTIVE. */
  readonly said: Map<string, Presence | null>;
  /** While nobody is connected. */
  lingering: { presence: Presence; readonly timer: NodeJS.Timeout } | null;
}

export interface ConnectedOptions {
  readonly graceMs: number;
  /** The person's entry may be another one than before. */
  readonly onChanged: (person: Person) => void;
}

export class Connected implements ConnectionWatch {
  readonly #options: ConnectedOptions;
  readonly #people = new Map<string, Local>();

  constructor(options: ConnectedOptions) {
    this.#options = options;
  }

  /** People connected or lingering. */
  get size(): number {
    return this.#people.size;
  }

  came(person: Person, connectionId: string): void {
    const local = this.#people.get(userName(person)) ?? this.#add(person);
    const { lingering } = local;
    clearTimeout(lingering?.timer);
    local.lingering = null;
    // ACTIVE by itself says nothing.
    local.said.set(
      connectionId,
      lingering === null || lingering.presence === 'ACTIVE' ? null : lingering.presence,
    );
    this.#options.onChanged(person);
  }

  went(person: Person, connectionId: string): void {
    const local = this.#people.get(userName(person));
    if (local === undefined) return;
    const presence = presenceOf(local);
    if (!local.said.delete(connectionId)) return;
    if (local.said.size === 0) this.#linger(local, presence);
    this.#options.onChanged(person);
  }

  /** On one connection, or on all of the person's here. False when there is no such connection. */
  say(person: Person, presence: Presence, connectionId: string | null): boolean {
    const local = this.#people.get(userName(person));
    if (local === undefined || (connectionId !== null && !local.said.has(connectionId))) return false;
    for (const id of connectionId === null ? local.said.keys() : [connectionId]) local.said.set(id, presence);
    if (connectionId === null && local.lingering !== null) local.lingering.presence = presence;
    this.#options.onChanged(person);
    return true;
  }

  /** True when nothing was said yet on any of the person's connections. */
  isSilent(person: Person): boolean {
    const local = this.#people.get(userName(person));
    return (
      local !== undefined && local.said.size > 0 && [...local.said.values()].every((said) => said === null)
    );
  }

  /** They were connected to another replica until a moment ago, and had said this. */
  goOnAs(person: Person, presence: Presence): void {
    if (this.isSilent(person)) this.say(person, presence, null);
  }

  /** Null when they are not here. */
  entryOf(person: Person): PresenceEntry | null {
    const local = this.#people.get(userName(person));
    return local === undefined ? null : entry(local);
  }

  /** Of everybody here, by name. */
  entries(): Map<string, PresenceEntry> {
    return new Map([...this.#people].map(([name, local]) => [name, entry(local)]));
  }

  /** Nobody's grace ends any more. */
  close(): void {
    for (const { lingering } of this.#people.values()) clearTimeout(lingering?.timer);
  }

  #add(person: Person): Local {
    const local: Local = { person, said: new Map(), lingering: null };
    this.#people.set(userName(person), local);
    return local;
  }

  #linger(local: Local, presence: Presence): void {
    const timer = setTimeout(() => {
      this.#people.delete(userName(local.person));
      this.#options.onChanged(local.person);
    }, this.#options.graceMs);
    timer.unref();
    local.lingering = { presence, timer };
  }
}

const presenceOf = ({ said, lingering }: Local): Presence =>
  lingering?.presence ?? combined([...said.values()].map((one) => one ?? 'ACTIVE'));

const entry = (local: Local): PresenceEntry => ({
  presence: presenceOf(local),
  isLingering: local.lingering !== null,
});
