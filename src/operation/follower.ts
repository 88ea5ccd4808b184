/**
 * One subscription over a transport that writes frames by itself: takes events while there is room, has them rendered
 * by its class (once for all who follow it), and writes the renderings in the order of their events. An event that is
 * rendered already costs a few calls: no promise, no object.
 */
import type { GraphQLError } from 'graphql';
import { ChatError } from '../chat/errors.ts';
import { type FeedConsumer, ResumeRequired, SlowConsumer } from '../chat/live/port.ts';
import type { Logger } from '../chat/logger.ts';
import type { Caller } from './contexts.ts';
import type { Source } from './event-source.ts';
import type { PresentError } from './execute.ts';
import type { Following, Outlet, Rendered, ResumeReason } from './outlet.ts';
import type { RenderClass } from './render-class.ts';
import type { Outcome, Waiter } from './rendering.ts';

/** Events of one subscription that were taken and wait for their rendering, or for an earlier event's. */
const IN_PROGRESS = 32;

export interface FollowerPorts {
  readonly caller: Caller;
  readonly source: Source;
  readonly outlet: Outlet;
  readonly class: RenderClass;
  readonly present: PresentError;
  readonly logger: Logger;
  /** Called once, when it is over for whatever reason. */
  onOver(): void;
}

export class Follower implements Following, FeedConsumer {
  readonly #ports: FollowerPorts;
  /** In the order in which they were taken. */
  #places: Place[] = [];
  #isFinishing = false;
  #isPumping = false;
  #isOver = false;

  constructor(ports: FollowerPorts) {
    this.#ports = ports;
  }

  get caller(): Caller {
    return this.#ports.caller;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  begin(): void {
    if (this.#isOver) return;
    this.#ports.outlet.onRoom(() => this.pump());
    this.#ports.source.consume(this);
    this.pump();
  }

  stop(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#places = [];
    this.#ports.onOver();
    this.#ports.source.close().catch((error: unknown) => {
      this.#ports.logger.warn({ err: error }, 'an event stream did not close cleanly');
    });
  }

  readable(): void {
    this.pump();
  }

  purge(channelId: string): void {
    if (this.#isOver) return;
    for (const place of this.#places) if (place.channelId === channelId) place.isPurged = true;
    this.#places = this.#places.filter(({ isPurged }) => !isPurged);
    this.#ports.outlet.purge(channelId);
    // What was held up by an event of this channel is not any more; but not now: the feed is being changed.
    queueMicrotask(() => this.pump());
  }

  ended(error: Error | null): void {
    if (this.#isOver) return;
    if (error === null) {
      this.#isFinishing = true;
      this.pump();
    } else {
      this.#broken(error);
    }
  }

  /** Writes what is rendered, takes what comes next, as far as there is room. */
  pump(): void {
    if (this.#isPumping) return;
    this.#isPumping = true;
    try {
      this.#writeRendered();
      while (this.#mayTake()) {
        const event = this.#ports.source.take();
        if (event === undefined) break;
        this.#begun(event);
      }
    } catch (error) {
      // What was not written is missing now: the client has to ask for it.
      this.#ports.logger.error({ err: error }, 'an event could not be written');
      this.#resume('RESUME');
    } finally {
      this.#isPumping = false;
    }
    if (this.#isFinishing && this.#places.length === 0) this.#over(() => this.#ports.outlet.end(null));
  }

  #mayTake(): boolean {
    return !this.#isOver && this.#ports.outlet.hasRoom && this.#places.length < IN_PROGRESS;
  }

  #begun(event: unknown): void {
    const channelId = channelOf(event);
    const rendered = this.#ports.class.at(event);
    if (rendered !== null && this.#places.length === 0) {
      this.#ports.outlet.write(rendered, channelId);
      return;
    }
    const place = new Place(this, channelId, rendered);
    this.#places.push(place);
    if (rendered !== null) return;
    place.outcome = this.#ports.class.render(event, place);
    if (place.outcome !== null) this.#writeRendered();
  }

  #writeRendered(): void {
    while (!this.#isOver && this.#ports.outlet.hasRoom) {
      const [first] = this.#places;
      if (first === undefined || first.outcome === null) return;
      this.#places.shift();
      this.#deliver(first.outcome, first.channelId);
    }
  }

  #deliver(outcome: Outcome, channelId: string | null): void {
    if (outcome === 'PASS_OVER') return;
    if (outcome === 'RESUME') this.#resume('RESUME');
    else if (isRendered(outcome)) this.#ports.outlet.write(outcome, channelId);
    else this.#refuse(outcome);
  }

  #broken(error: Error): void {
    const { present, logger } = this.#ports;
    const isKnown = error instanceof SlowConsumer || error instanceof ResumeRequired;
    if (error instanceof ChatError && !error.retryable) {
      this.#refuse([present(error)]);
      return;
    }
    if (!isKnown) logger.error({ err: error }, 'an event stream broke');
    this.#resume(error instanceof SlowConsumer ? 'SLOW_CONSUMER' : 'RESUME');
  }

  #refuse(errors: readonly GraphQLError[]): void {
    this.#over(() => this.#ports.outlet.end(errors));
  }

  #resume(why: ResumeReason): void {
    this.#over(() => this.#ports.outlet.resume(why));
  }

  #over(tell: () => void): void {
    if (this.#isOver) return;
    this.stop();
    tell();
  }
}

/** An event's place in the order of a subscription. */
class Place implements Waiter {
  readonly #follower: Follower;
  readonly channelId: string | null;
  outcome: Outcome | null;
  isPurged = false;

  constructor(follower: Follower, channelId: string | null, outcome: Outcome | null) {
    this.#follower = follower;
    this.channelId = channelId;
    this.outcome = outcome;
  }

  get caller(): Caller {
    return this.#follower.caller;
  }

  get isWaiting(): boolean {
    return !(this.isPurged || this.#follower.isOver);
  }

  settle(outcome: Outcome): void {
    this.outcome = outcome;
    this.#follower.pump();
  }
}

const isRendered = (outcome: Rendered | readonly [GraphQLError]): outcome is Rendered => 'json' in outcome;

const channelOf = (event: unknown): string | null =>
  typeof event === 'object' && event !== null && 'channelId' in event && typeof event.channelId === 'string'
    ? event.channelId
    : null;
