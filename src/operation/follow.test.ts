import { expect, test, vi } from 'vitest';
import { ChatError } from '../chat/errors.ts';
import { ResumeRequired, SlowConsumer } from '../chat/live/port.ts';
import type { Viewer } from '../chat/viewer.ts';
import { FakeFeed, FakeOutlet } from './testing/fake-feed.ts';
import { createFollowed, type TestEvent, viewer } from './testing/followed.ts';

const data = (text: string, more: object = {}) => ({ data: { events: { text, ...more } } });
const event = (text: string, more: Partial<TestEvent> = {}): TestEvent => ({
  text,
  channelId: 'general',
  cursor: `c-${text}`,
  ...more,
});
/** Some turns of the event loop, which on a busy machine may be fewer than one in 5 ms. */
const soon = async () => {
  await new Promise((resolve) => setTimeout(resolve, 5));
  for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

test('an event that many are told of is executed and serialized once, wherever each of them resumed', async () => {
  const { followed, counted } = createFollowed();
  const text = 'subscription($after: [String!], $n: Int) { events(after: $after, replayLimit: $n) { text } }';
  const all = [
    await followed(text, { variables: { after: ['x'], n: 3 } }),
    await followed(text, { variables: { after: ['y', 'z'] }, who: viewer('grace') }),
    await followed(text, { who: viewer('alan') }),
  ];
  const posted = event('hello');
  for (const { feed } of all) feed.push(posted);
  await soon();
  for (const { outlet } of all) {
    expect(outlet.results).toEqual([data('hello')]);
    expect(outlet.written[0]).toMatchObject({ channelId: 'general' });
  }
  expect(new Set(all.map(({ outlet }) => outlet.written[0]?.rendered)).size).toBe(1);
  expect(counted).toMatchObject({ shared: 1, each: 0 });
});

test('whoever comes to an event later gets the rendering at once, and so does everybody of one that waited for nobody', async () => {
  const { followed, counted } = createFollowed();
  const early = await followed('subscription { events { now } }');
  const late = await followed('subscription { events { now } }');
  const posted = event('hello');
  early.feed.push(posted);
  expect(early.outlet.results).toEqual([{ data: { events: { now: 'hello' } } }]);
  late.feed.push(posted);
  expect(late.outlet.results).toEqual(early.outlet.results);
  expect(counted.shared).toBe(1);
});

/** Of the same organization, moved or restored. */
const tenantOf = (more: Partial<Viewer['tenant']>): Viewer => ({
  ...viewer('ada'),
  tenant: { ...viewer('ada').tenant, ...more },
});

test.each([
  ['another organization', { who: viewer('ada', 'evil') }],
  ['a log that is numbered anew', { who: tenantOf({ epoch: 2 }) }],
  ['logs that lie elsewhere', { who: tenantOf({ cell: 'other' }) }],
  ['a variable of another value', { variables: { of: 'b' } }],
])('nothing is shared with %s', async (_, other) => {
  const { followed, counted } = createFollowed();
  const text = 'subscription($of: String, $loud: Boolean) { events(of: $of, loud: $loud) { text } }';
  const one = await followed(text, { variables: { of: 'a', loud: true } });
  const two = await followed(text, { variables: { loud: true, of: 'a' }, ...other });
  const same = await followed(text, { variables: { loud: true, of: 'a', undeclared: 1 } });
  const posted = event('hello');
  for (const { feed } of [one, two, same]) feed.push(posted);
  await soon();
  expect(counted.shared).toBe(2);
  expect(one.outlet.written[0]?.rendered).toBe(same.outlet.written[0]?.rendered);
});

test('an event that asks for the viewer is executed for each, side by side, though the field is null when it fails', async () => {
  const { followed, counted } = createFollowed();
  const people = ['ada', 'grace', 'alan'];
  const all = await Promise.all(
    people.map(async (who) => ({
      who,
      ...(await followed('subscription { events { text me group } }', { who: viewer(who) })),
    })),
  );
  const posted = event('hello');
  for (const { feed } of all) feed.push(posted);
  await soon();
  for (const { who, outlet } of all) expect(outlet.results).toEqual([data('hello', { me: who, group: 1 })]);
  expect(counted).toMatchObject({ shared: 1, each: 3, groups: 1 });
  // Who comes to it later does not try for all again.
  const late = await followed('subscription { events { text me group } }', { who: viewer('kay') });
  late.feed.push(posted);
  await soon();
  expect(late.outlet.results).toEqual([data('hello', { me: 'kay', group: 2 })]);
  expect(counted).toMatchObject({ shared: 1, each: 4 });
});

test('renderings are written in the order of their events, whichever is done first', async () => {
  const { followed } = createFollowed();
  const { feed, outlet } = await followed('subscription { events { text me } }');
  const { promise: until, resolve } = Promise.withResolvers<void>();
  feed.push(event('one', { until }), event('two'), event('three'));
  await soon();
  expect(outlet.results).toEqual([]);
  resolve();
  await soon();
  expect(outlet.results).toMatchObject([data('one'), data('two'), data('three')]);
});

test('nothing is taken while there is no room, and no more than a few events are in progress', async () => {
  const { followed } = createFollowed();
  const { feed, outlet } = await followed();
  outlet.room = 2;
  feed.push(...['1', '2', '3', '4', '5'].map((text) => event(text)));
  await soon();
  expect(outlet.written.length).toBe(2);
  outlet.makeRoom(10);
  await soon();
  expect(outlet.results).toEqual(['1', '2', '3', '4', '5'].map((text) => data(text)));
  const { promise: until, resolve } = Promise.withResolvers<void>();
  feed.push(...Array.from({ length: 100 }, (_, i) => event(`${i}`, { until })));
  outlet.makeRoom(Number.POSITIVE_INFINITY);
  expect(feed.taken).toBe(5 + 32);
  resolve();
  await expect.poll(() => outlet.written.length).toBe(105);
});

test('what waited for a purged event is written as soon as that is gone, with nothing else to come', async () => {
  const { followed } = createFollowed();
  const { feed, outlet } = await followed();
  feed.push(event('stuck', { until: new Promise(() => undefined) }), event('other', { channelId: 'other' }));
  await soon();
  expect(outlet.written).toEqual([]);
  feed.purge('general');
  await soon();
  expect(outlet.results).toEqual([data('other')]);
});

test('what is in progress of a purged channel is never written; the rest is', async () => {
  const { followed, counted } = createFollowed();
  const { feed, outlet } = await followed();
  const { promise: until, resolve } = Promise.withResolvers<void>();
  feed.push(event('secret', { until }), event('other', { channelId: 'other' }));
  feed.purge('general');
  feed.push(event('gone', { type: 'ChannelDetached', cursor: null }));
  await soon();
  resolve();
  await soon();
  expect(outlet.results).toEqual([data('other'), data('gone')]);
  expect(outlet.purged).toEqual(['general']);
  expect(counted.shared).toBe(3);
});

test('a kept event that fails is tried again once for all who wait, with fresh loaders, and is never written with errors', async () => {
  const { followed, counted } = createFollowed();
  const all = [await followed(), await followed()];
  const failing = event('hello', { failures: [new Error('Postgres'), new Error('Postgres')] });
  for (const { feed } of all) feed.push(failing);
  await expect
    .poll(() => all.map(({ outlet }) => outlet.results))
    .toEqual([[data('hello')], [data('hello')]]);
  expect(counted).toMatchObject({ shared: 3, fresh: 2 });
});

test.each(['text', 'text me'])(
  'one that stays broken asks all who wait for it to resume: { %s }',
  async (fields) => {
    const { followed, classes } = createFollowed();
    const all = [
      await followed(`subscription { events { ${fields} } }`),
      await followed(`subscription { events { ${fields} } }`),
    ];
    // Who keeps the class together, and has not come to the event yet.
    const late = await followed(`subscription { events { ${fields} } }`);
    const failures = Array.from({ length: 40 }, () => new Error('Postgres'));
    const failing = event('hello', { failures });
    for (const { feed } of all) feed.push(failing, event('next'));
    await expect
      .poll(() => all.map(({ outlet }) => outlet.resumed), { timeout: 3_000 })
      .toEqual([['RESUME'], ['RESUME']]);
    for (const { feed, outlet } of all) {
      expect({ written: outlet.written, isClosed: feed.isClosed }).toEqual({ written: [], isClosed: true });
    }
    // Whoever comes to it later finds it well again.
    failures.length = 0;
    late.feed.push(failing);
    await soon();
    expect(late.outlet.results).toMatchObject([data('hello')]);
    late.following.stop();
    expect(classes.size).toBe(0);
  },
);

test('those for whom alone it failed are tried again alone', async () => {
  const { followed, counted } = createFollowed();
  const all = [
    await followed('subscription { events { text me } }', { who: viewer('ada') }),
    await followed('subscription { events { text me } }', { who: viewer('grace') }),
  ];
  // The first is that of the execution for all.
  const failing = event('hello', { failures: [new Error('Postgres'), new Error('Postgres')] });
  for (const { feed } of all) feed.push(failing);
  await expect
    .poll(() => all.map(({ outlet }) => outlet.results))
    .toEqual([[data('hello', { me: 'ada' })], [data('hello', { me: 'grace' })]]);
  expect(counted).toMatchObject({ shared: 1, each: 3 });
});

test('an event that is not kept is written with its errors, masked once', async () => {
  const { followed } = createFollowed();
  const all = [await followed(), await followed()];
  const typing = event('typing', { cursor: null, failures: [new Error('select * from secrets')] });
  for (const { feed } of all) feed.push(typing);
  await soon();
  for (const { outlet } of all) {
    expect(outlet.results).toEqual([
      {
        data: { events: null },
        errors: [
          {
            message: 'Something went wrong on the server.',
            locations: [{ line: 1, column: 25 }],
            path: ['events', 'text'],
            extensions: { code: 'INTERNAL_SERVER_ERROR' },
          },
        ],
      },
    ]);
  }
  expect(all[0]?.outlet.written[0]?.rendered).toBe(all[1]?.outlet.written[0]?.rendered);
});

test.each(['MembershipUpdated', 'Notified'])(
  '%s of a membership that has ended is passed over; a document at fault ends the operation',
  async (type) => {
    const { followed } = createFollowed();
    const { feed, outlet } = await followed();
    const failures = [new ChatError('NOT_FOUND', 'gone')];
    feed.push(event('gone', { type, cursor: null, failures }), event('next'));
    await soon();
    expect(outlet.results).toEqual([data('next')]);
    feed.push(event('bad', { failures: [new ChatError('BAD_USER_INPUT', 'first is over 200')] }));
    await soon();
    expect(outlet.ended).toMatchObject([[{ extensions: { code: 'BAD_USER_INPUT' } }]]);
    expect({ resumed: outlet.resumed, isClosed: feed.isClosed }).toEqual({ resumed: [], isClosed: true });
  },
);

test('a feed that has given all ends the operation after the last was written', async () => {
  const { followed } = createFollowed();
  const { feed, outlet } = await followed();
  const { promise: until, resolve } = Promise.withResolvers<void>();
  feed.push(event('last', { until }));
  feed.end(null);
  await soon();
  expect(outlet.ended).toEqual([]);
  resolve();
  await soon();
  expect(outlet.results).toEqual([data('last')]);
  expect(outlet.ended).toEqual([null]);
});

test.each([
  [new SlowConsumer('overflow'), { resumed: ['SLOW_CONSUMER'], ended: [] }],
  [new ResumeRequired('hub'), { resumed: ['RESUME'], ended: [] }],
  [new Error('bug'), { resumed: ['RESUME'], ended: [] }],
  [new ChatError('UNAVAILABLE', 'down'), { resumed: ['RESUME'], ended: [] }],
  [new ChatError('NOT_FOUND', 'no'), { resumed: [], ended: [[{ extensions: { code: 'NOT_FOUND' } }]] }],
])('a feed that ends with %s says so now', async (error, told) => {
  const { followed, classes } = createFollowed();
  const { feed, outlet } = await followed();
  feed.push(event('waits', { until: new Promise(() => undefined) }));
  feed.end(error);
  expect(outlet).toMatchObject({ ...told, written: [] });
  expect(classes.size).toBe(0);
});

test('one that is stopped writes nothing more, closes its feed and leaves its class', async () => {
  const { followed, classes } = createFollowed();
  const { feed, outlet, following } = await followed();
  const other = await followed();
  const { promise: until, resolve } = Promise.withResolvers<void>();
  const posted = event('late', { until });
  feed.push(posted);
  other.feed.push(posted);
  following.stop();
  following.stop();
  resolve();
  await soon();
  feed.push(event('later'));
  outlet.makeRoom(5);
  expect({ written: outlet.written, isClosed: feed.isClosed }).toEqual({ written: [], isClosed: true });
  expect({ ended: outlet.ended, resumed: outlet.resumed }).toEqual({ ended: [], resumed: [] });
  expect(other.outlet.results).toEqual([data('late')]);
  expect(classes.size).toBe(1);
  other.following.stop();
  expect(classes.size).toBe(0);
});

test('nobody is tried for any more once the last has gone', async () => {
  const { followed, counted } = createFollowed();
  const { feed, following } = await followed();
  feed.push(event('broken', { failures: [new Error('1'), new Error('2'), new Error('3')] }));
  await soon();
  following.stop();
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(counted.shared).toBe(1);
});

test('a source that is no feed is pulled, one event at a time, and closed', async () => {
  const { open } = createFollowed();
  let pulled = 0;
  const onReturn = vi.fn(async () => ({ done: true as const, value: undefined }));
  const source = {
    [Symbol.asyncIterator]: () => ({
      next: async () => {
        pulled += 1;
        return pulled <= 3
          ? { done: false, value: { text: `${pulled}`, cursor: null } }
          : { done: true, value: undefined };
      },
      return: onReturn,
    }),
  };
  const outlet = new FakeOutlet();
  outlet.room = 0;
  await open(async () => source, outlet);
  await soon();
  expect({ pulled, results: outlet.results }).toEqual({ pulled: 1, results: [] });
  outlet.makeRoom(5);
  await soon();
  expect(outlet.results).toEqual([data('1'), data('2'), data('3')]);
  expect(outlet.ended).toEqual([null]);
});

test('what cannot begin says why, and what begins late is closed', async () => {
  const { open } = createFollowed();
  const refused = await open(
    () => Promise.reject(new ChatError('UNAUTHENTICATED', 'who?')),
    new FakeOutlet(),
  );
  expect(refused).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
  const isClosed = vi.fn(async () => ({ done: true as const, value: undefined }));
  const late = { [Symbol.asyncIterator]: () => ({ next: isClosed, return: isClosed }) };
  const { promise, resolve } = Promise.withResolvers<typeof late>();
  const slow = await open(() => promise, new FakeOutlet(), 10);
  expect(slow).toMatchObject({ errors: [{ extensions: { code: 'UNAVAILABLE' } }] });
  resolve(late);
  await expect.poll(() => isClosed.mock.calls.length).toBe(1);
});

test('nothing is written before whoever follows has what follow returned', async () => {
  const { open } = createFollowed();
  const outlet = new FakeOutlet();
  const feed = new FakeFeed();
  feed.waiting.push(event('at hand'));
  const following = await open(async () => feed, outlet, 1_000, 'now');
  expect(outlet.written).toEqual([]);
  if (!('stop' in following)) throw new Error('refused');
  following.stop();
  await soon();
  expect(outlet.written).toEqual([]);
});

test('what is at hand waits for what came before it and is not', async () => {
  const { followed } = createFollowed();
  const [early, late] = [await followed(), await followed()];
  const { promise: until, resolve } = Promise.withResolvers<void>();
  const second = event('two');
  early.feed.push(second);
  await soon();
  late.feed.push(event('one', { until }), second);
  await soon();
  expect(late.outlet.results).toEqual([]);
  resolve();
  await soon();
  expect(late.outlet.results).toEqual([data('one'), data('two')]);
});

test('nothing is executed for whoever has gone, or for what was purged, meanwhile', async () => {
  const { followed, counted } = createFollowed();
  const text = 'subscription { events { text me } }';
  const all = [await followed(text), await followed(text), await followed(text)];
  const { promise: until, resolve } = Promise.withResolvers<void>();
  const posted = event('hello', { until });
  for (const { feed } of all) feed.push(posted);
  all[0]?.following.stop();
  all[1]?.feed.purge('general');
  resolve();
  await soon();
  expect(all.map(({ outlet }) => outlet.written.length)).toEqual([0, 0, 1]);
  expect(counted).toMatchObject({ shared: 1, each: 1 });
});

test('a transport that breaks is told to resume, and keeps the event from nobody else', async () => {
  const { followed } = createFollowed();
  const all = [await followed(), await followed(), await followed()];
  const [, broken] = all;
  if (broken === undefined) throw new Error('nobody');
  broken.outlet.write = () => {
    throw new Error('a bug of the edge');
  };
  const posted = event('hello');
  for (const { feed } of all) feed.push(posted);
  await soon();
  expect(all.map(({ outlet }) => outlet.results.length)).toEqual([1, 0, 1]);
  expect(all.map(({ outlet }) => outlet.resumed)).toEqual([[], ['RESUME'], []]);
});
