/** A gap of much that was said is handed on no faster than sockets can be written: who keeps up is not taken for slow. */
import { afterEach, expect, test } from 'vitest';
import type { LiveEvent } from '../chat/live/port.ts';
import { seqs, until, upTo } from './testing/reading.ts';
import { type Installation, installation, messageEntry } from './testing/replicas.ts';

let all: Installation;
afterEach(() => all.close());

test('many long messages that the bus lost cut nobody who keeps up', async () => {
  const MISSED = 40;
  const CHANNELS = 3;
  const text = 'x'.repeat(16_000);
  all = installation({ timings: { silentMs: 60_000 } });
  const replica = all.replica();
  const channels = upTo(CHANNELS).map(() => all.channel('ada'));
  const feed = await replica.live.events(all.viewer('ada'), {
    after: [],
    replayLimit: 1_000,
    connectionId: 'c',
  });
  const events: LiveEvent[] = [];
  const ends: unknown[] = [];
  // As sockets do: so much is taken, and the rest in the next turn.
  let isWriting = false;
  const write = (): void => {
    isWriting = false;
    for (let left = 2; left > 0; left -= 1) {
      const event = feed.take();
      if (event === undefined) return;
      events.push(event);
    }
    readable();
  };
  function readable(): void {
    if (!isWriting) setImmediate(write);
    isWriting = true;
  }
  feed.consume({ readable, purge: () => undefined, ended: (error) => ends.push(error) });
  await until(() => expect(events.at(-1)?.type).toBe('CaughtUp'));
  for (const channelId of channels) {
    const key = { organizationId: all.organizationId, channelId };
    for (let i = 0; i < MISSED; i += 1) all.messages.put(key, messageEntry(text));
    // Of all of them only the last is heard.
    replica.publisher.messagesAppended(key, [all.messages.put(key, messageEntry(text))]);
  }
  await until(() =>
    expect([events.filter((e) => e.type === 'MessagePosted').length, ends]).toEqual([
      CHANNELS * (MISSED + 1),
      [],
    ]),
  );
  for (const channelId of channels) {
    expect(seqs(events.filter((e) => e.channelId === channelId))).toEqual(upTo(MISSED + 1));
  }
  await feed.return?.();
});
