/**
 * What one socket has yet to write, in two lanes: answers (texts of the protocol, asked for by the client) and events.
 * Both go out together, once a tick, in one write (events alone may wait a moment longer: flusher.ts); while the client
 * does not read, or the delivery gate is closed, no more than one group of events is taken and the rest stays where
 * deletions and revocations still reach it.
 */
import type { Rendered } from '../operation/outlet.ts';
import type { EventFrame, EventSource } from './event-frame.ts';
import type { Flusher } from './flusher.ts';
import { textFrame } from './frame.ts';
import type { RawSocket } from './raw-socket.ts';

/**
 * Bytes of events that wait here at most, beside the one event that crosses it. They are the most that a stalled
 * client can still be sent of a channel it was removed from, and the most that it costs in memory.
 */
const GROUP_BYTES = 32 * 1024;
const LARGE_BYTES = 64 * 1024;

/** What it needs of a raw socket. */
export type Raw = Pick<RawSocket, 'isOpen' | 'waitingBytes' | 'write' | 'whenWritten'>;

export class Outgoing {
  readonly #raw: Raw;
  readonly #flusher: Flusher;
  /** Frames, joined. */
  #answers = '';
  #events: EventFrame[] = [];
  #eventBytes = 0;
  /** Called once the events that wait now are handed over. */
  #afterEvents: (() => void)[] = [];
  /** Who was told that there is no room; in the order in which they are told of it, so that none is passed over. */
  #refused: Set<EventSource> | null = null;
  #isDue = false;
  /** Gathered for its events, which may wait a little. */
  #isPaced = false;
  /** The system has not taken all that it was handed, and will say when it has. */
  #isStalled = false;
  #isOver = false;

  constructor(raw: Raw, flusher: Flusher) {
    this.#raw = raw;
    this.#flusher = flusher;
  }

  /** Bytes that wait for the client, here or with the system's end of the socket. */
  get waitingBytes(): number {
    return this.#raw.waitingBytes + this.#answers.length + this.#eventBytes;
  }

  /** Bytes of answers that wait for the client. */
  get answerBytes(): number {
    return this.#answers.length;
  }

  /** Queues the frame of an answer. */
  answer(text: string): void {
    if (this.#isOver) return;
    this.#answers += textFrame(text);
    // What is large gains nothing by waiting for company, and shows at once whether the client keeps up.
    if (this.#answers.length > LARGE_BYTES) this.flush();
    else this.#schedule();
  }

  /** Whether the source may give another event; when not, it is told as soon as it may. */
  hasRoomFor(source: EventSource): boolean {
    if (this.#isOver) return false;
    if (this.#hasRoom()) return true;
    this.#refused ??= new Set();
    this.#refused.add(source);
    if (!this.#flusher.mayTake) this.#flusher.hold(this);
    return false;
  }

  /** Queues the frame of an event. */
  event(rendered: Rendered, source: EventSource, channelId: string | null): void {
    if (this.#isOver) return;
    const head = this.#flusher.heads.of(rendered, source.tail);
    this.#events.push({ head, source, channelId });
    this.#eventBytes += head.length + source.tail.length;
    // A full group gains nothing by waiting for company.
    if (this.#eventBytes < GROUP_BYTES) this.#pace();
    else this.#schedule();
  }

  /** Takes back what waits of a source: of one channel, or all of it. */
  drop(source: EventSource, channelId?: string): void {
    if (this.#events.length === 0) return;
    this.#events = this.#events.filter(
      (event) => event.source !== source || (channelId !== undefined && event.channelId !== channelId),
    );
    this.#eventBytes = this.#events.reduce(
      (sum, { head, source }) => sum + head.length + source.tail.length,
      0,
    );
  }

  /** The source is over: it is told of nothing more. */
  forget(source: EventSource): void {
    this.drop(source);
    this.#refused?.delete(source);
  }

  /**
   * Calls back when all events that wait now have been handed over; at once when none does. What follows them is an
   * answer, so that they wait no longer than one.
   */
  afterEvents(listener: () => void): void {
    if (this.#events.length === 0) {
      listener();
      return;
    }
    this.#afterEvents.push(listener);
    this.#schedule();
  }

  flush(): void {
    // Closed by the client, or broken: whoever closes it here has ended this side before.
    if (this.#isOver || !this.#raw.isOpen || this.#isStalled) return;
    this.#hand(this.#eventsToGo());
    if (this.#raw.waitingBytes > 0) {
      this.#isStalled = true;
      this.#raw.whenWritten(() => {
        this.#isStalled = false;
        this.flush();
      });
      return;
    }
    this.#tellOfRoom();
  }

  /** Of the flusher: the tick for which it was gathered has ended. */
  due(): void {
    this.#isDue = false;
    this.#isPaced = false;
    this.flush();
  }

  /**
   * The end: nothing is taken any more. An orderly end hands over all that waits, whether the client keeps up or not
   * (events only through an open gate); otherwise it is dropped.
   */
  finish(isOrderly: boolean): void {
    if (this.#isOver) return;
    if (isOrderly && this.#raw.isOpen) this.#hand(this.#eventsToGo());
    this.#isOver = true;
    this.#answers = '';
    this.#events = [];
    this.#eventBytes = 0;
    this.#afterEvents = [];
    this.#refused = null;
    this.#flusher.forget(this);
  }

  #schedule(): void {
    if (this.#isDue || this.#isStalled) return;
    this.#isDue = true;
    this.#flusher.gather(this);
  }

  #pace(): void {
    if (this.#isDue || this.#isPaced || this.#isStalled) return;
    this.#isPaced = true;
    this.#flusher.pace(this);
  }

  /** Takes the events out, joined; none while the gate is closed. */
  #eventsToGo(): string {
    if (this.#events.length === 0) return '';
    if (!this.#flusher.mayWrite) {
      this.#flusher.hold(this);
      return '';
    }
    let frames = '';
    for (const { head, source } of this.#events) frames += head + source.tail;
    this.#flusher.delivered += this.#events.length;
    this.#events = [];
    this.#eventBytes = 0;
    return frames;
  }

  #hand(events: string): void {
    const frames = this.#answers + events;
    this.#answers = '';
    if (frames !== '') this.#raw.write(frames);
    if (this.#events.length > 0 || this.#afterEvents.length === 0) return;
    const listeners = this.#afterEvents;
    this.#afterEvents = [];
    for (const listener of listeners) listener();
  }

  /** Whoever uses the room up goes to the end of the line. */
  #tellOfRoom(): void {
    const refused = this.#refused;
    if (refused === null || refused.size === 0) return;
    if (!this.#flusher.mayTake) this.#flusher.hold(this);
    for (const source of refused) {
      if (!this.#hasRoom()) return;
      refused.delete(source);
      source.roomMade();
    }
  }

  #hasRoom(): boolean {
    return !this.#isStalled && this.#eventBytes < GROUP_BYTES && this.#flusher.mayTake;
  }
}
