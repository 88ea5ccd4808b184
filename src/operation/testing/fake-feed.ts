/** A feed in a test's hands, and an outlet that keeps what is written to it. */
import type { GraphQLError } from 'graphql';
import type { EventFeed, FeedConsumer } from '../../chat/live/port.ts';
import type { Outlet, Rendered, ResumeReason } from '../outlet.ts';

export class FakeFeed implements EventFeed<object> {
  readonly waiting: object[] = [];
  consumer: FeedConsumer | null = null;
  isClosed = false;
  /** Events taken so far. */
  taken = 0;

  [Symbol.asyncIterator](): this {
    return this;
  }
  next(): Promise<IteratorResult<object, undefined>> {
    return Promise.reject(new Error('a feed with a consumer was pulled'));
  }
  async return(): Promise<IteratorResult<object, undefined>> {
    this.isClosed = true;
    return { done: true, value: undefined };
  }
  consume(consumer: FeedConsumer): void {
    this.consumer = consumer;
  }
  take(): object | undefined {
    const event = this.waiting.shift();
    if (event !== undefined) this.taken += 1;
    return event;
  }
  mayWrite(): boolean {
    return true;
  }
  push(...events: object[]): void {
    this.waiting.push(...events);
    this.consumer?.readable();
  }
  purge(channelId: string): void {
    this.consumer?.purge(channelId);
  }
  end(error: Error | null): void {
    this.consumer?.ended(error);
  }
}

export class FakeOutlet implements Outlet {
  readonly written: { readonly rendered: Rendered; readonly channelId: string | null }[] = [];
  readonly purged: string[] = [];
  readonly ended: (readonly GraphQLError[] | null)[] = [];
  readonly resumed: ResumeReason[] = [];
  /** How much it takes before it has no room. */
  room = Number.POSITIVE_INFINITY;
  #listener = (): void => undefined;

  get hasRoom(): boolean {
    return this.room > 0;
  }
  onRoom(listener: () => void): void {
    this.#listener = listener;
  }
  makeRoom(room: number): void {
    this.room = room;
    this.#listener();
  }
  write(rendered: Rendered, channelId: string | null): void {
    this.room -= 1;
    this.written.push({ rendered, channelId });
  }
  purge(channelId: string): void {
    this.purged.push(channelId);
  }
  end(errors: readonly GraphQLError[] | null): void {
    this.ended.push(errors);
  }
  resume(why: ResumeReason): void {
    this.resumed.push(why);
  }
  /** The results written, parsed. */
  get results(): unknown[] {
    return this.written.map(({ rendered }) => JSON.parse(rendered.json));
  }
}
