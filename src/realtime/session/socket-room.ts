/**
 * What waits for one socket, over all its subscriptions: bounded by number and by bytes. What is kept in a log counts,
 * and whoever lets too much of it wait is cut; what is ephemeral has a share of the room that is left over, and is
 * dropped beyond it.
 */

import type { Delivery } from '../hub/delivery.ts';
import type { Bounds } from '../timings.ts';

/** A subscription of the socket. */
export interface Cuttable {
  /** More waits for the socket than may. */
  tooSlow(): void;
}

export class SocketRoom {
  readonly #bounds: Bounds;
  readonly #onEmpty: () => void;
  /** Usually one: a list as long as it must be is less than a set. */
  #subscriptions: readonly Cuttable[] = [];
  #events = 0;
  #bytes = 0;
  #ephemeralEvents = 0;
  #ephemeralBytes = 0;

  constructor(bounds: Bounds, onEmpty: () => void = () => undefined) {
    this.#bounds = bounds;
    this.#onEmpty = onEmpty;
  }

  /** All that waits. */
  get events(): number {
    return this.#events + this.#ephemeralEvents;
  }

  get bytes(): number {
    return this.#bytes + this.#ephemeralBytes;
  }

  join(subscription: Cuttable): void {
    this.#subscriptions = this.#subscriptions.concat(subscription);
  }

  /** What still waited of it has been given back before. */
  leave(subscription: Cuttable): void {
    const others = this.#subscriptions.filter((other) => other !== subscription);
    if (others.length === this.#subscriptions.length) return;
    this.#subscriptions = others;
    if (others.length === 0) this.#onEmpty();
  }

  /** All subscriptions of the socket end. */
  cut(): void {
    for (const subscription of this.#subscriptions) subscription.tooSlow();
  }

  /** False when there is no room for it; nothing is taken then. */
  take({ bytes, isEphemeral }: Delivery): boolean {
    if (isEphemeral) {
      if (!this.#hasEphemeralRoom(bytes)) return false;
      this.#ephemeralEvents += 1;
      this.#ephemeralBytes += bytes;
      return true;
    }
    if (this.#events >= this.#bounds.queueEvents) return false;
    // One event always fits, so that no single message cuts everybody who is told of it.
    if (this.#events > 0 && this.#bytes + bytes > this.#bounds.queueBytes) return false;
    this.#events += 1;
    this.#bytes += bytes;
    return true;
  }

  giveBack({ bytes, isEphemeral }: Delivery): void {
    if (isEphemeral) {
      this.#ephemeralEvents -= 1;
      this.#ephemeralBytes -= bytes;
    } else {
      this.#events -= 1;
      this.#bytes -= bytes;
    }
  }

  #hasEphemeralRoom(bytes: number): boolean {
    const { queueEvents, queueBytes, ephemeralShare } = this.#bounds;
    return this.events < queueEvents * ephemeralShare && this.bytes + bytes <= queueBytes * ephemeralShare;
  }
}

/** The rooms of the sockets that have subscriptions. */
export class SocketRooms {
  readonly #bounds: Bounds;
  readonly #rooms = new Map<string, SocketRoom>();

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
  }

  get size(): number {
    return this.#rooms.size;
  }

  /** The room of a connection, for a subscription that joins it at once and leaves it when it ends. */
  of(connectionId: string): SocketRoom {
    const known = this.#rooms.get(connectionId);
    if (known !== undefined) return known;
    const room = new SocketRoom(this.#bounds, () => this.#rooms.delete(connectionId));
    this.#rooms.set(connectionId, room);
    return room;
  }
}
