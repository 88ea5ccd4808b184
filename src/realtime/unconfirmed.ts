/**
 * The channels and users whose publications the bus did not confirm. Heartbeats name them until a beat that did so
 * is confirmed itself; whoever hears the name looks at the truth. Bounded: beyond that the beat says "all".
 */
import type { ChannelKey } from '../chat/log/port.ts';
import { channelName, type UserKey, userName } from './topic-names.ts';

type Pair = [string, string];

/** What one beat says; handed back once that beat is confirmed. */
export interface Named {
  readonly channels: readonly Pair[];
  readonly users: readonly Pair[];
  readonly isAll: boolean;
  /** Failures up to this one are named. */
  readonly upTo: number;
}

export class Unconfirmed {
  readonly #bound: number;
  /** By name: the pair, and the number of its newest failure. */
  readonly #channels = new Map<string, { pair: Pair; failure: number }>();
  readonly #users = new Map<string, { pair: Pair; failure: number }>();
  #failures = 0;
  /** Number of the newest failure for which there was no room; 0 for none. */
  #overflow = 0;

  constructor(bound: number) {
    this.#bound = bound;
  }

  channel(key: ChannelKey): void {
    this.#add(this.#channels, channelName(key), [key.organizationId, key.channelId]);
  }

  user(key: UserKey): void {
    this.#add(this.#users, userName(key), [key.organizationId, key.userId]);
  }

  named(): Named {
    return {
      channels: [...this.#channels.values()].map(({ pair }) => pair),
      users: [...this.#users.values()].map(({ pair }) => pair),
      isAll: this.#overflow > 0,
      upTo: this.#failures,
    };
  }

  /** A beat that said this was confirmed. What failed again since stays. */
  confirmed(named: Named): void {
    for (const map of [this.#channels, this.#users]) {
      for (const [name, { failure }] of map) if (failure <= named.upTo) map.delete(name);
    }
    if (this.#overflow <= named.upTo) this.#overflow = 0;
  }

  #add(map: Map<string, { pair: Pair; failure: number }>, name: string, pair: Pair): void {
    this.#failures += 1;
    if (map.has(name) || this.#channels.size + this.#users.size < this.#bound) {
      map.set(name, { pair, failure: this.#failures });
    } else {
      this.#overflow = this.#failures;
    }
  }
}
