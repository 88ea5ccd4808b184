/** Channels of a cell that does not answer keep nobody of another cell waiting. */
import { afterEach, expect, test, vi } from 'vitest';
import type { ChangeEntry, MessageEntry } from '../../chat/log/entries.ts';
import { silentLogger } from '../../chat/logger.ts';
import { fakeStore } from '../testing/fake-log.ts';
import { chanceOf, createNetwork } from '../testing/lossy-bus.ts';
import { messageEntry, quick } from '../testing/replicas.ts';
import { defaultBounds } from '../timings.ts';
import { Topics } from '../topics.ts';
import type { Handed } from './handed.ts';
import { Hub } from './hub.ts';
import { Hubs } from './hubs.ts';

let hubs: Hubs;
afterEach(() => hubs.close());

const listener = () => {
  const given: number[] = [];
  return {
    given,
    deliver: ({ item }: Handed) => void given.push(item.row.seq),
    tell: () => undefined,
    broken: () => undefined,
  };
};
const near = { organizationId: 'near', channelId: 'c' };
const far = { organizationId: 'far', channelId: 'd' };

function setUp() {
  const messages = fakeStore<MessageEntry>();
  const changes = fakeStore<ChangeEntry>();
  const bus = createNetwork(chanceOf(1)).bus();
  const log = messages.log(() => undefined);
  const heads: typeof log.heads = (channels) =>
    channels.some(({ organizationId }) => organizationId === 'far')
      ? new Promise(() => undefined)
      : log.heads(channels);
  const topics = new Topics(bus, quick.lingerMs);
  hubs = new Hubs(
    () =>
      new Hub({
        topics,
        logs: { messages: { ...log, heads }, changes: changes.log(() => undefined) },
        replicaId: 'here',
        timings: quick,
        bounds: defaultBounds,
        logger: silentLogger,
      }),
  );
  return messages;
}

test('opened in the same moment, and looked at in the same moment', async () => {
  const messages = setUp();
  const [ada, grace] = [listener(), listener()];
  hubs.of('two').attach(far, 1, grace);
  const attachment = hubs.of('one').attach(near, 1, ada);
  await attachment.opened;
  messages.put(near, messageEntry('unheard'));
  hubs.suspectAll();
  await vi.waitFor(() => expect(ada.given).toEqual([1]));
  expect(hubs.size).toBe(2);
  expect(hubs.of('one')).toBe(hubs.of('one'));
  expect(hubs.counts.headsChecked).toBeGreaterThan(0);
});

test('what is published reaches the hub that has the channel', async () => {
  const messages = setUp();
  const ada = listener();
  hubs.of('two');
  await hubs.of('one').attach(near, 1, ada).opened;
  messages.put(near, messageEntry('told'));
  const rows = await messages.log(() => undefined).range(near, 1, 1);
  hubs.messages(near, rows);
  await vi.waitFor(() => expect(ada.given).toEqual([1]));
});
