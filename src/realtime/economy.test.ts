import { afterEach, describe, expect, test } from 'vitest';
import { seqs, until, upTo } from './testing/reading.ts';
import { follow, type Installation, installation, type Replica } from './testing/replicas.ts';

let all: Installation;
afterEach(() => all.close());

const subscribe = ({ live }: Replica, user: string, after: string[] = []) =>
  live.events(all.viewer(user), { after, replayLimit: 1_000, connectionId: 'c' });

describe('stores and the bus are asked for no more than is needed', () => {
  /** Two replicas that have met, and to which a slow machine is no silence: nothing but the test makes them look. */
  const acquainted = async (): Promise<[Replica, Replica]> => {
    all = installation({ timings: { silentMs: 60_000 } });
    const [here, there] = [all.replica(), all.replica()];
    await until(() => expect([here, there].map((r) => r.live.stats().replicas)).toEqual([2, 2]));
    return [here, there];
  };

  test('topics only for channels with local listeners, one for any number of them', async () => {
    const [here, there] = await acquainted();
    const channel = all.channel('ada', 'grace');
    all.channel('alan');
    const idle = there.bus.topics();
    const followers = [follow(await subscribe(here, 'ada')), follow(await subscribe(here, 'grace'))];
    expect(here.live.stats()).toMatchObject({ channels: 1, topics: 3 });
    expect(there.bus.topics()).toBe(idle);
    await there.say(channel);
    for (const { events } of followers) await until(() => expect(seqs(events)).toEqual([1]));
    // Heard from the other replica, the number moves this replica's log on.
    expect(all.messages.observed).toEqual([1]);
    for (const follower of followers) await follower.stop();
  });

  test('a second subscriber reads nothing, a gap is read once for all of them', async () => {
    const [here, there] = await acquainted();
    const channel = all.channel('ada', 'grace');
    const followers = [follow(await subscribe(here, 'ada')), follow(await subscribe(here, 'grace'))];
    expect(all.messages.calls.heads).toBe(1);
    for (let i = 0; i < 5; i += 1) await there.say(channel);
    for (const { events } of followers) await until(() => expect(seqs(events)).toEqual(upTo(5)));
    expect(all.messages.calls.range).toBe(0);
    all.network.faults.drop = 1;
    await there.say(channel);
    await new Promise((resolve) => setTimeout(resolve, 10));
    all.network.faults.drop = 0;
    await there.say(channel);
    for (const { events } of followers) await until(() => expect(seqs(events)).toEqual(upTo(7)));
    expect(all.messages.calls.range).toBe(1);
    for (const follower of followers) await follower.stop();
  });

  test('all channels are looked at in one call for each log', async () => {
    const [here, there] = await acquainted();
    const channels = upTo(50).map(() => all.channel('ada'));
    const ada = follow(await subscribe(here, 'ada'));
    here.bus.cut(true);
    await Promise.all(channels.map((channel) => there.say(channel)));
    const before = all.messages.calls.heads;
    here.bus.restore();
    await until(() => expect(seqs(ada.events).length).toBe(50));
    // The restored bus, and the beats that were missed: each one call at most.
    expect(all.messages.calls.heads - before).toBeLessThanOrEqual(3);
    await ada.stop();
  });
});
