/**
 * What one delivery costs besides rendering and writing it: from the hub, which has heard of a message, to a
 * subscription's consumer, which takes the event. In this process, without stores or sockets:
 * `node bench/delivery-cost.ts [subscribers] [messages]`.
 */
import type { EventFeed, LiveEvent } from '../src/chat/live/port.ts';
import { installation, messageEntry } from '../src/realtime/testing/replicas.ts';

const subscribers = Number(process.argv[2] ?? 2_000);
const messages = Number(process.argv[3] ?? 2_000);
const ROUNDS = 5;

const all = installation();
const users = Array.from({ length: subscribers }, (_, i) => `user${i}`);
const channelId = all.channel(...users);
const { live, publisher } = all.replica();
let taken = 0;
const consume = (feed: EventFeed<LiveEvent>): void =>
  feed.consume({
    readable: () => {
      for (let event = feed.take(); event !== undefined; event = feed.take()) taken += 1;
    },
    purge: () => undefined,
    ended: () => undefined,
  });
for (const user of users) {
  const options = { channelId, after: null, replayLimit: 1_000, connectionId: user };
  consume(await live.channelEvents(all.viewer(user), options));
}

const key = { organizationId: all.organizationId, channelId };
const text = 'x'.repeat(200);
for (let round = 1; round <= ROUNDS; round += 1) {
  taken = 0;
  const rows = Array.from({ length: messages }, () => all.messages.put(key, messageEntry(text)));
  const before = process.cpuUsage();
  for (const row of rows) publisher.messagesAppended(key, [row]);
  const { user, system } = process.cpuUsage(before);
  if (taken !== subscribers * messages) throw new Error(`${taken} were taken`);
  console.log(`round ${round}: ${((user + system) / taken).toFixed(3)} µs of CPU a delivery`);
  await new Promise((resolve) => setTimeout(resolve, 200));
}
await all.close();
