/** Removals by a replica that has just started, and so has not heard yet who else is there. */
import { afterEach, expect, test } from 'vitest';
import { systemClock } from '../chat/clock.ts';
import { silentLogger } from '../chat/logger.ts';
import { createInProcessBus } from './in-process/bus.ts';
import { createPublisher, type LivePublisher } from './publisher.ts';
import { sleep, until } from './testing/reading.ts';
import { type Installation, installation, type Replica } from './testing/replicas.ts';

/** Longer than any test: what returns all the same did not wait for the deadline. */
const NEVER = 1_000_000;

let all: Installation;
const begin = (timings = {}): void => {
  all = installation({ timings: { revokeMs: NEVER, ...timings } });
};
afterEach(() => all.close());

const revoke = (publisher: LivePublisher, channelId: string): Promise<void> =>
  publisher.revoke(all.memberships.leave(channelId, 'ada'));

/** An edge with a subscription whose consumer holds an event and does not ask for the next one. */
async function holding(edge: Replica, channelId: string) {
  const options = { after: [], replayLimit: 1_000, connectionId: 'c' };
  const iterator = await edge.live.events(all.viewer('ada'), options);
  for (let i = 0; i < 3; i += 1) await iterator.next();
  await edge.say(channelId);
  expect((await iterator.next()).value?.type).toBe('MessagePosted');
  return iterator;
}

test('a replica that has just started waits for an edge that it has not heard yet', async () => {
  begin();
  const edge = all.replica();
  const channel = all.channel('ada');
  const iterator = await holding(edge, channel);
  const fresh = all.replica({ isEdge: false });
  let isDone = false;
  const removed = revoke(fresh.publisher, channel).then(() => {
    isDone = true;
  });
  await sleep(300);
  expect(isDone).toBe(false);
  const next = iterator.next();
  await removed;
  expect((await next).value?.type).toBe('ChannelDetached');
  await iterator.return?.();
});

test('one that starts while the bus is away goes on asking, and waits once it is back', async () => {
  begin();
  const edge = all.replica();
  const channel = all.channel('ada');
  const iterator = await holding(edge, channel);
  const fresh = all.replica({ isEdge: false });
  fresh.bus.cut(true);
  let isDone = false;
  const removed = revoke(fresh.publisher, channel).then(() => {
    isDone = true;
  });
  await sleep(200);
  expect(isDone).toBe(false);
  fresh.bus.restore();
  await until(() => expect(fresh.publisher.replicas()).toBe(2));
  await sleep(200);
  expect(isDone).toBe(false);
  const next = iterator.next();
  await removed;
  expect((await next).value?.type).toBe('ChannelDetached');
  await iterator.return?.();
});

test('it waits no longer than the deadline when the bus stays away', async () => {
  begin({ revokeMs: 50 });
  const fresh = all.replica();
  fresh.bus.cut(true);
  await revoke(fresh.publisher, all.channel('ada'));
});

test('in the only process there can be, it waits for nobody', async () => {
  begin();
  const bus = createInProcessBus();
  const timings = { revokeMs: NEVER, revokeAgainMs: NEVER };
  const common = { bus, replicaId: 'only', clock: systemClock, logger: silentLogger, timings };
  const publisher = createPublisher(common);
  await revoke(publisher, all.channel('ada'));
  await publisher.close();
  await bus.close();
});
