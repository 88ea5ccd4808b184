/** Opening channels: the moments in which something could slip through. */
import { afterEach, expect, test, vi } from 'vitest';
import type { ChangeEntry, MessageEntry } from '../../chat/log/entries.ts';
import { silentLogger } from '../../chat/logger.ts';
import type { Bus } from '../bus.ts';
import { fakeStore } from '../testing/fake-log.ts';
import { chanceOf, createNetwork } from '../testing/lossy-bus.ts';
import { messageEntry, quick } from '../testing/replicas.ts';
import { defaultBounds } from '../timings.ts';
import { Topics } from '../topics.ts';
import type { Handed } from './handed.ts';
import { Hub } from './hub.ts';

const until = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 10_000, interval: 2 });
const key = { organizationId: 'o', channelId: 'c' };
const other = { organizationId: 'o', channelId: 'd' };

function setUp(timings = {}) {
  const network = createNetwork(chanceOf(1));
  const messages = fakeStore<MessageEntry>();
  const changes = fakeStore<ChangeEntry>();
  const bus = network.bus();
  /** Held back until released, after the store was read. */
  const held: (() => void)[] = [];
  let isHolding = false;
  const log = messages.log(() => undefined);
  const heads: typeof log.heads = async (channels) => {
    const answer = await log.heads(channels);
    if (isHolding) await new Promise<void>((resolve) => held.push(resolve));
    return answer;
  };
  const make = (over: Bus): Hub => {
    const merged = { ...quick, ...timings };
    hub = new Hub({
      topics: new Topics(over, merged.lingerMs),
      logs: { messages: { ...log, heads }, changes: changes.log(() => undefined) },
      replicaId: 'here',
      timings: merged,
      bounds: defaultBounds,
      logger: silentLogger,
    });
    return hub;
  };
  return {
    network,
    bus,
    messages,
    make,
    held,
    hold: () => {
      isHolding = true;
    },
    release: () => {
      isHolding = false;
      for (const resolve of held.splice(0)) resolve();
    },
  };
}
let hub: Hub;
afterEach(() => hub.close());

const listener = () => {
  const given: number[] = [];
  return {
    given,
    deliver: ({ item }: Handed) => void given.push(item.row.seq),
    tell: () => undefined,
    broken: () => undefined,
  };
};

test('a channel suspected while its heads are being read is looked at again afterwards', async () => {
  const { bus, make, messages, hold, held, release } = setUp();
  const opening = make(bus);
  const ada = listener();
  hold();
  const attachment = opening.attach(key, 1, ada);
  await until(() => expect(held.length).toBe(1));
  // Saved after the store answered and published in vain; a heartbeat names the channel.
  messages.put(key, messageEntry('unheard'));
  opening.suspect([key]);
  await new Promise((resolve) => setImmediate(resolve));
  release();
  await attachment.opened;
  await until(() => expect(ada.given).toEqual([1]));
});

test('a topic that is joined late is looked at once it is', async () => {
  const { bus, make, messages } = setUp({ joinMs: 5 });
  const late = Promise.withResolvers<void>();
  const opening = make({ ...bus, subscribe: () => ({ joined: late.promise, leave: () => undefined }) });
  const ada = listener();
  await opening.attach(key, 1, ada).opened;
  messages.put(key, messageEntry('unheard'));
  late.resolve();
  await until(() => expect(ada.given).toEqual([1]));
});

test('channels attached to in one moment are opened by one call for each log; the next ones wait for none', async () => {
  const { bus, make, messages } = setUp();
  const opening = make(bus);
  await Promise.all([opening.attach(key, 1, listener()).opened, opening.attach(other, 1, listener()).opened]);
  expect(messages.calls.heads).toBe(1);
  await opening.attach(key, 1, listener()).opened;
  expect(messages.calls.heads).toBe(1);
  expect(opening.size).toBe(2);
});

test('opening that fails leaves nothing, and the next try works', async () => {
  const { bus, make, messages } = setUp();
  const opening = make(bus);
  messages.isDown = true;
  const [first, second] = [opening.attach(key, 1, listener()), opening.attach(key, 1, listener())];
  await expect(first.opened).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  await expect(second.opened).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect(opening.size).toBe(0);
  messages.isDown = false;
  const again = opening.attach(key, 1, listener());
  await again.opened;
  // Those of the failed try are detached late, and take nothing with them.
  first.detach();
  second.detach();
  expect(again.position()).toEqual({ seq: 0, rev: 0 });
  expect(opening.size).toBe(1);
});

test('detached while it is being opened: nothing is opened, and nothing stays joined', async () => {
  const { bus, make, messages, hold, held, release } = setUp();
  const opening = make(bus);
  opening.attach(other, 1, listener()).detach();
  hold();
  const attachment = opening.attach(key, 1, listener());
  await until(() => expect(held.length).toBe(1));
  attachment.detach();
  release();
  await attachment.opened;
  expect(attachment.position()).toBeNull();
  expect(opening.size).toBe(0);
  await until(() => expect(bus.topics()).toBe(0));
  expect(messages.calls.range).toBe(0);
});
