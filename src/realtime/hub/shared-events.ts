/**
 * Events that replays of a channel make of the same thing at the same place: one object for all of them, so that a
 * herd of clients that come back is rendered once, as live events are. Whatever change is handed on meanwhile moves
 * `asOf`, so that nothing rendered before a change is given after it.
 */
import type { LiveEvent } from '../../chat/live/port.ts';

/** Clients that come back at once stand at few different places. */
const PLACES = 8;
/** Names of people have no place in the channel either: a rendering that is shared is not much older than this. */
const SHARED_MS = 1_000;

export class SharedEvents {
  /** By what they are made of, then by place. */
  #made = new WeakMap<object, Map<string, LiveEvent>>();
  #since = performance.now();

  /** `asOf`: the newest change that shows in it. */
  of<E extends LiveEvent | null>(what: object, cursor: string, asOf: number, make: () => E): E | LiveEvent {
    if (performance.now() - this.#since > SHARED_MS) this.clear();
    const place = `${asOf} ${cursor}`;
    const made = this.#made.get(what);
    const known = made?.get(place);
    if (known !== undefined) return known;
    const event = make();
    const fresh: LiveEvent | null = event;
    if (fresh === null) return event;
    Object.freeze(fresh);
    if (made === undefined || made.size >= PLACES) this.#made.set(what, new Map([[place, fresh]]));
    else made.set(place, fresh);
    return fresh;
  }

  /** What has no place in the order has changed: a rendering of before does not show it. */
  clear(): void {
    this.#made = new WeakMap();
    this.#since = performance.now();
  }
}
