import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { seqs, until } from './testing/reading.ts';
import { follow, type Installation, installation, messageEntry, type Replica } from './testing/replicas.ts';

let all: Installation;
afterEach(() => all.close());

const subscribe = ({ live }: Replica, user: string) =>
  live.events(all.viewer(user), { after: [], replayLimit: 1_000, connectionId: 'c' });

/** No look happens but for a reason, once the replicas have met. */
const calm = { silentMs: 60_000, goneMs: 120_000, interruptedMs: 60_000 };

test('what may be saved and untold is looked for by all edges', async () => {
  all = installation({ timings: calm });
  const [here, there] = [all.replica(), all.replica()];
  const channel = all.channel('ada', 'grace');
  const key = { organizationId: all.organizationId, channelId: channel };
  const ada = follow(await subscribe(here, 'ada'));
  const grace = follow(await subscribe(there, 'grace'));
  await here.say(channel);
  await until(() => {
    expect([seqs(ada.events), seqs(grace.events)]).toEqual([[1], [1]]);
    expect([here.publisher.replicas(), there.publisher.replicas()]).toEqual([2, 2]);
  });
  await sleep(50);
  all.messages.put(key, messageEntry('saved, but nobody knows'));
  await sleep(100);
  expect([seqs(ada.events), seqs(grace.events)]).toEqual([[1], [1]]);
  here.publisher.uncertain(key);
  await until(() =>
    expect([seqs(ada.events), seqs(grace.events)]).toEqual([
      [1, 2],
      [1, 2],
    ]),
  );
  await Promise.all([ada.stop(), grace.stop()]);
});

test('its own edge looks at once, without the bus', async () => {
  all = installation({ timings: calm });
  const here = all.replica();
  const channel = all.channel('ada');
  const key = { organizationId: all.organizationId, channelId: channel };
  const ada = follow(await subscribe(here, 'ada'));
  await here.say(channel);
  await until(() => expect(seqs(ada.events)).toEqual([1]));
  here.bus.cut(true);
  await sleep(50);
  all.messages.put(key, messageEntry('saved, but nobody knows'));
  here.publisher.uncertain(key);
  await until(() => expect(seqs(ada.events)).toEqual([1, 2]));
  await ada.stop();
});
