import { GraphQLError, GraphQLObjectType, GraphQLSchema, GraphQLString, parse } from 'graphql';
import { beforeEach, expect, test } from 'vitest';
import { ChatError } from '../chat/errors.ts';
import { type EventFeed, ResumeRequired, SlowConsumer } from '../chat/live/port.ts';
import { silentLogger } from '../chat/logger.ts';
import type { ResumeReason } from './outlet.ts';
import { type SubscriptionPorts, subscribe } from './subscribe.ts';

/** A source in the test's hands, which knows whether it was closed. */
class Source implements EventFeed<unknown> {
  /** What was cut since it was given. */
  readonly cut = new Set<unknown>();
  readonly queue: IteratorResult<unknown, undefined>[] = [];
  isClosed = false;
  error: unknown;
  #wake = (): void => undefined;
  [Symbol.asyncIterator]() {
    return this;
  }
  push(value: unknown) {
    this.queue.push({ done: false, value });
    this.#wake();
  }
  mayWrite(event: unknown) {
    return !this.cut.has(event);
  }
  consume() {
    throw new Error('an iterator was asked to tell');
  }
  take() {
    throw new Error('an iterator was asked to give');
  }
  fail(error: unknown) {
    this.error = error;
    this.#wake();
  }
  async next(): Promise<IteratorResult<unknown, undefined>> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    if (this.queue.length === 0 && this.error === undefined) await promise;
    if (this.error !== undefined) throw this.error;
    return this.queue.shift() ?? { done: true, value: undefined };
  }
  async return(): Promise<IteratorResult<unknown, undefined>> {
    this.isClosed = true;
    return { done: true, value: undefined };
  }
}

let source = new Source();
let opening: () => Promise<AsyncIterable<unknown>> = async () => source;
let failures = 0;
let failure: Error = new Error('Postgres says no');
let contexts: object[] = [];
let resumed = 0;
let reasons: ResumeReason[] = [];

const event = new GraphQLObjectType<{ text: string }, object>({
  name: 'Event',
  fields: {
    text: {
      type: GraphQLString,
      resolve: (parent, _, context) => {
        contexts.push(context);
        if (failures-- > 0) throw failure;
        return parent.text;
      },
    },
  },
});
const schema = new GraphQLSchema({
  query: new GraphQLObjectType({ name: 'Query', fields: { x: { type: GraphQLString } } }),
  subscription: new GraphQLObjectType({
    name: 'Subscription',
    fields: { events: { type: event, subscribe: () => opening(), resolve: (payload) => payload } },
  }),
});
const ports: SubscriptionPorts = {
  present: (error) =>
    error instanceof GraphQLError && error.extensions.code !== undefined
      ? error
      : new GraphQLError('masked', {
          extensions: {
            code:
              error instanceof GraphQLError && error.originalError instanceof ChatError
                ? error.originalError.code
                : error instanceof ChatError
                  ? error.code
                  : 'INTERNAL_SERVER_ERROR',
          },
        }),
  logger: silentLogger,
  freshContext: () => ({}),
  onResume: (why) => {
    reasons.push(why);
    resumed += 1;
  },
};
const open = async () => {
  const results = await subscribe(
    { schema, document: parse('subscription { events { text } }') },
    1_000,
    ports,
  );
  if (!('next' in results)) throw new Error(JSON.stringify(results));
  return results;
};
const data = (text: string) => ({ done: false, value: { data: { events: { text } } } });

beforeEach(() => {
  source = new Source();
  opening = async () => source;
  failures = 0;
  failure = new Error('Postgres says no');
  contexts = [];
  resumed = 0;
  reasons = [];
});

test('each event is executed with a context of its own', async () => {
  const results = await open();
  source.push({ text: 'one', cursor: 'c1' });
  source.push({ text: 'two', cursor: 'c2' });
  expect(await results.next()).toMatchObject(data('one'));
  expect(await results.next()).toMatchObject(data('two'));
  expect(new Set(contexts).size).toBe(2);
});

test('a kept event with errors inside is tried again, and never sent with them', async () => {
  const results = await open();
  failures = 2;
  source.push({ text: 'one', cursor: 'c1' });
  const step = await results.next();
  expect(step).toMatchObject(data('one'));
  expect(step.value).not.toHaveProperty('errors');
  expect(new Set(contexts).size).toBe(3);
  expect(resumed).toBe(0);
});

test('a kept event that stays broken ends the subscription with a resume', async () => {
  const results = await open();
  failures = Infinity;
  source.push({ text: 'one', cursor: 'c1' });
  expect(await results.next()).toEqual({ done: true, value: undefined });
  expect({ resumed, isClosed: source.isClosed }).toEqual({ resumed: 1, isClosed: true });
});

test('an event whose channel was cut while it was executed is never given', async () => {
  const results = await open();
  failures = 1;
  const one = { text: 'one', cursor: 'c1' };
  source.push(one);
  const next = results.next();
  // While it waits to be tried again.
  await new Promise((resolve) => setTimeout(resolve, 20));
  source.cut.add(one);
  source.push({ text: 'two', cursor: 'c2' });
  expect(await next).toMatchObject(data('two'));
});

test('an event that is not kept is sent as it is', async () => {
  const results = await open();
  failures = 1;
  source.push({ text: 'typing', cursor: null });
  expect(await results.next()).toMatchObject({ value: { errors: [{ message: 'masked' }] } });
});

test('news of a membership is delivered whole or asks to resume, and is passed over once the membership has ended', async () => {
  const results = await open();
  failures = Infinity;
  failure = new ChatError('NOT_FOUND', 'gone');
  source.push({ type: 'MembershipUpdated', text: 'gone', cursor: null });
  const next = results.next();
  await new Promise((resolve) => setTimeout(resolve, 20));
  failures = 0;
  source.push({ text: 'one', cursor: 'c1' });
  expect(await next).toMatchObject(data('one'));
  failures = Infinity;
  failure = new ChatError('UNAVAILABLE', 'down');
  source.push({ type: 'MembershipUpdated', text: 'down', cursor: null });
  expect(await results.next()).toEqual({ done: true, value: undefined });
  expect(resumed).toBe(1);
});

test('a source that its client does not keep up with asks to resume, and says why', async () => {
  const results = await open();
  const waiting = results.next();
  source.fail(new SlowConsumer('overflow'));
  expect(await waiting).toEqual({ done: true, value: undefined });
  expect(reasons).toEqual(['SLOW_CONSUMER']);
});

test('a document at fault itself ends the operation with its error: coming back would not help', async () => {
  const results = await open();
  failures = Infinity;
  failure = new ChatError('BAD_USER_INPUT', 'first is over 200');
  source.push({ text: 'one', cursor: 'c1' });
  await expect(results.next()).rejects.toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } });
  expect({ resumed, isClosed: source.isClosed }).toEqual({ resumed: 0, isClosed: true });
});

test.each([new ResumeRequired('overflow'), new Error('bug'), new ChatError('UNAVAILABLE', 'down')])(
  'a source that breaks with %s asks to resume',
  async (error) => {
    const results = await open();
    const waiting = results.next();
    source.fail(error);
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect({ resumed, isClosed: source.isClosed }).toEqual({ resumed: 1, isClosed: true });
    expect(await results.next()).toEqual({ done: true, value: undefined });
  },
);

test('return takes effect while next waits, and closes the source', async () => {
  const results = await open();
  const waiting = results.next();
  await results.return?.();
  expect(await waiting).toEqual({ done: true, value: undefined });
  expect({ resumed, isClosed: source.isClosed }).toEqual({ resumed: 0, isClosed: true });
});

test('return takes effect while a broken event waits for its next try', async () => {
  const results = await open();
  failures = Infinity;
  source.push({ text: 'one', cursor: 'c1' });
  const waiting = results.next();
  await new Promise((resolve) => setTimeout(resolve, 20));
  await results.return?.();
  expect(await waiting).toEqual({ done: true, value: undefined });
  const tries = contexts.length;
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect({ tries: contexts.length, resumed }).toEqual({ tries, resumed: 0 });
});

test('a subscription that cannot begin answers why', async () => {
  opening = () => Promise.reject(new ChatError('UNAUTHENTICATED', 'who?'));
  const result = await subscribe(
    { schema, document: parse('subscription { events { text } }') },
    1_000,
    ports,
  );
  expect(result).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
});

test('one that does not begin in time answers so, and is closed when it begins late', async () => {
  const { promise, resolve } = Promise.withResolvers<AsyncIterable<unknown>>();
  opening = () => promise;
  const result = await subscribe({ schema, document: parse('subscription { events { text } }') }, 20, ports);
  expect(result).toMatchObject({ errors: [{ extensions: { code: 'UNAVAILABLE' } }] });
  resolve(source);
  await expect.poll(() => source.isClosed).toBe(true);
});
