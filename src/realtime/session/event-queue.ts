/** What waits for one subscriber: bounded by number and by bytes, and purged by channel when a membership ends. */
import type { LiveEvent } from '../../chat/live/port.ts';
import type { Bounds } from '../timings.ts';

interface Waiting {
  readonly event: LiveEvent;
  readonly bytes: number;
}

export class EventQueue {
  readonly #bounds: Bounds;
  #waiting: Waiting[] = [];
  /** Index of the next one to leave; what lies before it is cut off now and then. */
  #next = 0;
  #bytes = 0;

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
  }

  get length(): number {
    return this.#waiting.length - this.#next;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** False when there is no room: the queue is as it was. */
  push(event: LiveEvent, bytes: number): boolean {
    if (this.length >= this.#bounds.queueEvents) return false;
    // One event always fits, so that no single message cuts everybody who is told of it.
    if (this.length > 0 && this.#bytes + bytes > this.#bounds.queueBytes) return false;
    this.#waiting.push({ event, bytes });
    this.#bytes += bytes;
    return true;
  }

  shift(): LiveEvent | undefined {
    const first = this.#waiting[this.#next];
    if (first === undefined) return undefined;
    this.#next += 1;
    this.#bytes -= first.bytes;
    if (this.#next * 2 > this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#next);
      this.#next = 0;
    }
    return first.event;
  }

  /** Each event with what `change` makes of it: no more than it was. */
  replace(change: (event: LiveEvent) => LiveEvent): void {
    this.#waiting = this.#waiting
      .slice(this.#next)
      .map(({ event, bytes }) => ({ event: change(event), bytes }));
    this.#next = 0;
  }

  purge(channelId: string): void {
    this.#waiting = this.#waiting.slice(this.#next).filter(({ event }) => event.channelId !== channelId);
    this.#next = 0;
    this.#bytes = this.#waiting.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  clear(): void {
    this.#waiting = [];
    this.#next = 0;
    this.#bytes = 0;
  }
}
