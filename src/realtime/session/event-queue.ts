/**
 * What waits for one subscription, in order, as the shared deliveries themselves; counted in the room of its socket.
 * Purged by channel when a membership ends.
 */
import type { Delivery } from '../hub/delivery.ts';
import type { Erasure } from '../hub/erasure.ts';
import type { SocketRoom } from './socket-room.ts';

/** What has left is cut off once it is this much, and more than what waits. */
const TRIM = 32;

export class EventQueue {
  readonly #room: SocketRoom;
  #waiting: Delivery[] = [];
  /** Index of the next one to leave; what lies before it is cut off now and then. */
  #next = 0;
  /** Ephemeral ones by name; made with the first, since most subscribers never have one waiting. */
  #named: Map<string, Delivery> | null = null;

  constructor(room: SocketRoom) {
    this.#room = room;
  }

  get length(): number {
    return this.#waiting.length - this.#next;
  }

  get bytes(): number {
    let sum = 0;
    for (let i = this.#next; i < this.#waiting.length; i += 1) sum += this.#waiting[i]?.bytes ?? 0;
    return sum;
  }

  /** False when there is no room for what must not be lost: the queue is as it was. */
  push(delivery: Delivery): boolean {
    if (delivery.name !== null) this.#forget(delivery.name);
    if (!this.#room.take(delivery)) return delivery.isEphemeral;
    this.#waiting.push(delivery);
    if (delivery.name !== null) {
      this.#named ??= new Map();
      this.#named.set(delivery.name, delivery);
    }
    return true;
  }

  shift(): Delivery | undefined {
    const first = this.#waiting[this.#next];
    if (first === undefined) return undefined;
    this.#next += 1;
    this.#left(first);
    if (this.#next === this.#waiting.length) {
      // The usual case: a subscriber that keeps up has one waiting at a time.
      this.#waiting.length = 0;
      this.#next = 0;
    } else if (this.#next > TRIM && this.#next * 2 > this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#next);
      this.#next = 0;
    }
    return first;
  }

  /** Nothing that waits says any more what a deleted message had said. */
  erase(erasure: Erasure): void {
    for (let i = this.#next; i < this.#waiting.length; i += 1) {
      const delivery = this.#waiting[i];
      if (delivery !== undefined) this.#waiting[i] = erasure.of(delivery);
    }
  }

  purge(channelId: string): void {
    this.#keepOnly(({ event }) => event.channelId !== channelId);
  }

  clear(): void {
    this.#keepOnly(() => false);
  }

  /** The older one of this name is out of date. */
  #forget(name: string): void {
    const older = this.#named?.get(name);
    if (older === undefined) return;
    this.#waiting.splice(this.#waiting.lastIndexOf(older), 1);
    this.#left(older);
  }

  #keepOnly(isKept: (delivery: Delivery) => boolean): void {
    const before = this.#waiting.slice(this.#next);
    this.#waiting = before.filter(isKept);
    this.#next = 0;
    for (const delivery of before) if (!isKept(delivery)) this.#left(delivery);
  }

  #left(delivery: Delivery): void {
    this.#room.giveBack(delivery);
    if (delivery.name !== null) this.#named?.delete(delivery.name);
  }
}
