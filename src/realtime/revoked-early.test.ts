/** What ends between the attaching of a subscription's channels and its first event: what waits of them goes too. */
import { afterEach, expect, test } from 'vitest';
import { systemClock } from '../chat/clock.ts';
import type { Signal } from '../chat/live/port.ts';
import { silentLogger } from '../chat/logger.ts';
import { createInProcessStore } from './in-process/ephemeral-store.ts';
import { Retained } from './retained.ts';
import { until } from './testing/reading.ts';
import { follow, type Installation, installation } from './testing/replicas.ts';

let all: Installation;
afterEach(() => all.close());

const keyOf = (channelId: string) => ({ organizationId: all.organizationId, channelId });
const signal: Signal = { userId: 'eve', name: 'secret', payload: null, key: null, sentAt: 0 };

test('a signal, a typing and a thread that moved, told while a subscription begins, are not given after the removal', async () => {
  all = installation();
  const [asked, answer] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const store = createInProcessStore({ clock: systemClock });
  const retained = new Retained({
    store: {
      ...store,
      retained: async (channels) => {
        asked.resolve();
        await answer.promise;
        return channels.map(() => []);
      },
    },
    logger: silentLogger,
    waitMs: 10_000,
  });
  const edge = all.replica({ retained });
  const [left, kept] = [all.channel('ada', 'eve'), all.channel('ada', 'eve')];
  const options = { after: [], replayLimit: 10, connectionId: 'c' };
  const beginning = edge.live.events(all.viewer('ada'), options);
  await asked.promise;
  const witness = all.replica();
  const others = follow(await witness.live.events(all.viewer('eve'), options));
  for (const channel of [left, kept]) {
    edge.publisher.typing(keyOf(channel), 'eve');
    edge.publisher.signal(keyOf(channel), signal);
    edge.publisher.threadMoved(keyOf(channel), 1);
  }
  await until(() => expect(others.events.map(({ type }) => type)).toContain('SignalSent'));
  await until(() => expect(others.events.map(({ type }) => type)).toContain('MessageUpdated'));
  await edge.publisher.revoke(all.memberships.leave(left, 'ada'));
  answer.resolve();
  const ada = follow(await beginning);
  const of = (channel: string) => ada.events.filter((e) => e.channelId === channel).map((e) => e.type);
  await until(() => expect(of(kept).toSorted()).toEqual(['MessageUpdated', 'SignalSent', 'TypingStarted']));
  expect(of(left)).toEqual([]);
  await Promise.all([ada.stop(), others.stop()]);
});
