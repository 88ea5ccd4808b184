/**
 * One subscription of a socket, seen from three sides: events are written into it (`Outlet`), its socket tells it of
 * room, and graphql-ws holds it as an iterator whose `next` stays parked, since the events go past graphql-ws. That
 * iterator ends when all that was written is with the socket, so that graphql-ws's own `complete` or `error` follows.
 */
import type { ExecutionResult, GraphQLError } from 'graphql';
import type { Following, Outlet, Rendered, ResumeReason } from '../operation/outlet.ts';
import { closeReasons } from './close-codes.ts';
import type { EventSource } from './event-frame.ts';
import { tailOf } from './frame.ts';
import type { EdgeSocket } from './socket.ts';

/** Carries the errors of an operation that has no result at all to graphql-ws's `onError`. */
export class NothingToGive extends Error {
  override readonly name = 'NothingToGive';
  readonly errors: readonly GraphQLError[];
  constructor(errors: readonly GraphQLError[]) {
    super('the operation has no result');
    this.errors = errors;
  }
}

type Step = IteratorResult<ExecutionResult, undefined>;

const DONE: Step = { done: true, value: undefined };
const nothing = (): void => undefined;

export class SocketSubscription
  implements Outlet, EventSource, AsyncIterableIterator<ExecutionResult, undefined>
{
  readonly tail: string;
  readonly #socket: EdgeSocket;
  readonly #parked = Promise.withResolvers<Step>();
  #onRoom: () => void = nothing;
  #following: Following | null = null;
  #isOver = false;

  constructor(socket: EdgeSocket, id: string) {
    this.#socket = socket;
    this.tail = tailOf(id);
    // graphql-ws may never ask for what came of it: the client has left.
    this.#parked.promise.catch(nothing);
  }

  get hasRoom(): boolean {
    return !this.#isOver && this.#socket.outgoing.hasRoomFor(this);
  }

  onRoom(listener: () => void): void {
    this.#onRoom = listener;
  }

  roomMade(): void {
    this.#onRoom();
  }

  write(rendered: Rendered, channelId: string | null): void {
    if (!this.#isOver) this.#socket.outgoing.event(rendered, this, channelId);
  }

  purge(channelId: string): void {
    this.#socket.outgoing.drop(this, channelId);
  }

  end(errors: readonly GraphQLError[] | null): void {
    this.#socket.outgoing.afterEvents(() => {
      this.#isOver = true;
      if (errors === null) this.#parked.resolve(DONE);
      else this.#parked.reject(new NothingToGive(errors));
    });
  }

  resume(why: ResumeReason): void {
    this.#socket.close(why === 'SLOW_CONSUMER' ? closeReasons.slowConsumer : closeReasons.resume);
  }

  /** What feeds it, stopped when the client has enough. */
  startedBy(following: Following): void {
    if (this.#isOver) following.stop();
    else this.#following = following;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<Step> {
    return this.#parked.promise;
  }

  return(): Promise<Step> {
    this.#stop();
    return Promise.resolve(DONE);
  }

  throw(error: unknown): Promise<Step> {
    this.#stop();
    return Promise.reject(error);
  }

  #stop(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#socket.outgoing.forget(this);
    this.#following?.stop();
    // Whoever waits in `next` is done too.
    this.#parked.resolve(DONE);
  }
}
