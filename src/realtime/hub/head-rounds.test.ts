/** Heads are read in calls that a store can answer, and one that fails holds up no other. */
import { afterEach, expect, test, vi } from 'vitest';
import { unavailable } from '../../chat/errors.ts';
import type { ChangeEntry, MessageEntry } from '../../chat/log/entries.ts';
import { silentLogger } from '../../chat/logger.ts';
import { fakeStore } from '../testing/fake-log.ts';
import { chanceOf, createNetwork } from '../testing/lossy-bus.ts';
import { messageEntry, quick } from '../testing/replicas.ts';
import { defaultBounds } from '../timings.ts';
import { Topics } from '../topics.ts';
import type { Handed } from './handed.ts';
import { Hub } from './hub.ts';

const until = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 10_000, interval: 2 });
const PER_CALL = 2;
const keys = Array.from({ length: 7 }, (_, i) => ({ organizationId: 'o', channelId: `c${i}` }));

let hub: Hub;
afterEach(() => hub.close());

function setUp() {
  const messages = fakeStore<MessageEntry>();
  const changes = fakeStore<ChangeEntry>();
  messages.mostHeads = PER_CALL;
  changes.mostHeads = PER_CALL;
  const log = messages.log(() => undefined);
  /** A call that names this channel fails. */
  const bad = { channelId: '' };
  const heads: typeof log.heads = (channels) =>
    channels.some(({ channelId }) => channelId === bad.channelId)
      ? Promise.reject(unavailable('message store'))
      : log.heads(channels);
  hub = new Hub({
    topics: new Topics(createNetwork(chanceOf(1)).bus(), quick.lingerMs),
    logs: { messages: { ...log, heads }, changes: changes.log(() => undefined) },
    replicaId: 'here',
    timings: quick,
    bounds: { ...defaultBounds, headsPerCall: PER_CALL },
    logger: silentLogger,
  });
  const given: string[] = [];
  const attach = () =>
    keys.map((key) =>
      hub.attach(key, 1, {
        deliver: ({ item }: Handed) => void given.push(`${key.channelId}:${item.row.seq}`),
        tell: () => undefined,
        broken: () => undefined,
      }),
    );
  return { messages, bad, given, attach };
}

const first = (channels: readonly { channelId: string }[]): string[] =>
  channels.map(({ channelId }) => `${channelId}:1`);

test('many channels are opened and looked at in bounded calls, and every gap is found', async () => {
  const { messages, given, attach } = setUp();
  await Promise.all(attach().map(({ opened }) => opened));
  expect(messages.calls.heads).toBe(4);
  for (const key of keys) messages.put(key, messageEntry('unheard'));
  hub.suspectAll();
  await until(() => expect(given.toSorted()).toEqual(first(keys)));
  expect(messages.calls.heads).toBe(8);
  await until(() => expect(hub.counts).toEqual({ gapsRepaired: keys.length, headsChecked: keys.length }));
  expect(await hub.heads(keys)).toEqual(keys.map(() => ({ seq: 1, rev: 0 })));
});

test('a call that fails while opening fails its own channels alone', async () => {
  const { bad, attach } = setUp();
  bad.channelId = 'c2';
  const outcomes = await Promise.allSettled(attach().map(({ opened }) => opened));
  const failed = keys.filter((_, i) => outcomes[i]?.status === 'rejected');
  expect(failed).toEqual([keys[2], keys[3]]);
  expect(hub.size).toBe(5);
});

test('a round that fails is tried again, and the others do not wait for it', async () => {
  const { messages, bad, given, attach } = setUp();
  await Promise.all(attach().map(({ opened }) => opened));
  for (const key of keys) messages.put(key, messageEntry('unheard'));
  bad.channelId = 'c0';
  hub.suspectAll();
  await until(() => expect(given).toEqual(expect.arrayContaining(first(keys.slice(2)))));
  expect(given).not.toContain('c0:1');
  bad.channelId = '';
  await until(() => expect(given.toSorted()).toEqual(first(keys)));
});
