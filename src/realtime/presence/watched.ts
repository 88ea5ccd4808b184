/**
 * The people that somebody here watches: one topic each, shared by all who watch them. What is heard there says only
 * that something changed; the store says what. Everybody is looked at now and then too, since publications get lost,
 * replicas die without a word, and the store may lose all it has: who seems gone then, unannounced, is shown so only
 * when the next look says the same, by which time replicas that live have written themselves down again.
 */
import type { Person } from '../../chat/connections/port.ts';
import type { EventFeed } from '../../chat/live/port.ts';
import type { Logger } from '../../chat/logger.ts';
import type { User } from '../../chat/people/port.ts';
import type { Presence, PresenceChange } from '../../chat/presence/port.ts';
import type { BusSubscription } from '../bus.ts';
import type { EphemeralStore, PresenceEntry } from '../ephemeral-store.ts';
import { Reads } from '../reads.ts';
import { presenceTopicOf, userName } from '../topic-names.ts';
import type { Topics } from '../topics.ts';
import { within } from '../wait.ts';
import { PresenceFeed } from './feed.ts';
import { type HeardPresence, heardPresence } from './publications.ts';
import { combined } from './state.ts';
import type { PresenceTimings } from './timings.ts';

/** In one call. */
const READ_AT_ONCE = 5_000;

interface Watched {
  readonly person: Person;
  /** As they were when somebody last began to watch them. */
  user: User;
  readonly topic: BusSubscription;
  readonly feeds: Set<PresenceFeed>;
  /** What everybody here was told last; null before the first answer. */
  shown: PresenceChange | null;
  /** What was heard of them last, until they were read after it. */
  heard: HeardPresence | null;
  /** The last look did not find them any more. */
  isDoubted: boolean;
}

export interface WatchedOptions {
  readonly topics: Topics;
  readonly store: Pick<EphemeralStore, 'presence'>;
  readonly timings: PresenceTimings;
  readonly logger: Logger;
}

export class WatchedPeople {
  readonly #options: WatchedOptions;
  readonly #people = new Map<string, Watched>();
  readonly #feeds = new Set<PresenceFeed>();
  readonly #reads: Reads<string, readonly PresenceEntry[]>;
  readonly #looking: NodeJS.Timeout;
  readonly #end = new AbortController();
  #hearing: NodeJS.Timeout | null = null;
  #rejected = 0;

  /** Starts the timer; whoever made it closes it. */
  constructor(options: WatchedOptions) {
    const { store, timings, logger } = options;
    this.#options = options;
    this.#reads = new Reads({
      nameOf: (name) => name,
      load: (names) => store.presence(names),
      atOnce: READ_AT_ONCE,
      onFound: (found) => {
        for (const [name, entries] of found) this.#found(name, entries);
      },
      onFailed: (error) => logger.debug({ err: error }, 'Presence cannot be read; it stays as it is shown.'),
    });
    this.#looking = setInterval(() => this.look(), timings.lookMs).unref();
  }

  /** People watched here. */
  get size(): number {
    return this.#people.size;
  }

  get subscriptions(): number {
    return this.#feeds.size;
  }

  /** Publications dropped because of their shape. */
  get rejected(): number {
    return this.#rejected;
  }

  watch(users: readonly User[]): EventFeed<PresenceChange> {
    const isClosed = this.#end.signal.aborted;
    const watched = isClosed ? [] : users.map((user) => this.#watched(user));
    const feed = new PresenceFeed(() => this.#leave(feed, watched));
    this.#feeds.add(feed);
    for (const { feeds } of watched) feeds.add(feed);
    if (isClosed) feed.restart();
    else void this.#begin(feed, watched);
    return feed;
  }

  /** Reads everybody anew. */
  look(): void {
    if (this.#people.size > 0) void this.#reads.read(this.#people.keys());
  }

  close(): void {
    this.#end.abort();
    clearInterval(this.#looking);
    if (this.#hearing !== null) clearTimeout(this.#hearing);
    for (const feed of [...this.#feeds]) feed.restart();
  }

  #watched(user: User): Watched {
    const person = { organizationId: user.organizationId, userId: user.id };
    const name = userName(person);
    const known = this.#people.get(name);
    if (known !== undefined) {
      known.user = user;
      return known;
    }
    const topic = this.#options.topics.join(presenceTopicOf(name), (payload) => this.#hear(name, payload));
    const state = { shown: null, heard: null, isDoubted: false };
    const made: Watched = { person, user, topic, feeds: new Set(), ...state };
    this.#people.set(name, made);
    return made;
  }

  #leave(feed: PresenceFeed, watched: readonly Watched[]): void {
    this.#feeds.delete(feed);
    for (const { person, feeds, topic } of watched) {
      if (!feeds.delete(feed) || feeds.size > 0) continue;
      this.#people.delete(userName(person));
      topic.leave();
    }
  }

  async #begin(feed: PresenceFeed, watched: readonly Watched[]): Promise<void> {
    const unknown = watched.filter(({ shown }) => shown === null);
    if (unknown.length > 0) {
      const names = unknown.map(({ person }) => userName(person));
      const joined = Promise.all(unknown.map(({ topic }) => topic.joined));
      const { topics, timings } = this.#options;
      // With the bus down there is nothing to wait for.
      const isJoined = topics.isUp && (await within(timings.joinMs, joined, this.#end.signal));
      if (!isJoined) void joined.then(() => this.#reads.read(names));
      await this.#reads.read(names);
    }
    const states = watched.map(({ user, shown }) => stateOf(user, shown?.presence ?? 'OFFLINE', true));
    feed.begin(states);
  }

  #hear(name: string, payload: unknown): void {
    const watched = this.#people.get(name);
    if (watched === undefined) return;
    const parsed = heardPresence.safeParse(payload);
    if (!parsed.success) {
      this.#rejected += 1;
      return;
    }
    watched.heard = parsed.data;
    this.#hearing ??= setTimeout(() => void this.#readHeard(), this.#options.timings.hearMs).unref();
  }

  async #readHeard(): Promise<void> {
    this.#hearing = null;
    const people = [...this.#people].filter(([, { heard }]) => heard !== null);
    const before = people.map(([name, watched]) => ({ name, watched, heard: watched.heard }));
    if ((await this.#reads.read(before.map(({ name }) => name))) === null) return;
    // Heard of again meanwhile, they are read again.
    for (const { watched, heard } of before) if (watched.heard === heard) watched.heard = null;
  }

  #found(name: string, entries: readonly PresenceEntry[]): void {
    const watched = this.#people.get(name);
    if (watched === undefined) return;
    const presence = combined(entries.map((entry) => entry.presence));
    const { shown, heard, isDoubted } = watched;
    const isGoneUnheard = entries.length === 0 && heard?.presence !== 'OFFLINE';
    watched.isDoubted = isGoneUnheard && !isDoubted && shown !== null && shown.presence !== 'OFFLINE';
    if (!watched.isDoubted) this.#show(watched, presence);
  }

  #show(watched: Watched, presence: Presence): void {
    if (watched.shown?.presence === presence) return;
    const isNew = watched.shown === null;
    watched.shown = stateOf(watched.user, presence, false);
    // Whoever began while nobody could tell was told OFFLINE.
    if (isNew && presence === 'OFFLINE') return;
    for (const feed of watched.feeds) feed.offer(watched.shown);
  }
}

const stateOf = (user: User, presence: Presence, isFresh: boolean): PresenceChange =>
  Object.freeze({ userId: user.id, presence, user, isFresh });
