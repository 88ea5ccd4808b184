/** A rev is used only once it is projected, whoever ended where: on the memory model, through the real log. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { ChangeEntry, MessageEntry } from '../log/entries.ts';
import type { LogRow } from '../log/port.ts';
import { CountingStore } from '../log/testing/counting-store.ts';

import { askDelete, askEdit, askPin, askReaction } from './asked.ts';
import { crashingAfter } from './testing/crashing.ts';
import { memoryLogs } from './testing/memory-projections.ts';
import { ask, openChannel, quick } from './testing/open-channel.ts';

const by = (actorId: string, seq = 1) => ({ actorId, seq });
const edit = (text: string, seq = 1) => askEdit(by('ada', seq), { text, mentions: [] });

describe('a change that was appended by a replica which ended before projecting it', () => {
  test('is projected by whoever asks for the head, and was told to nobody before', async () => {
    const test = await openChannel(memoryLogs(1_000), 1);
    const ended = test.replica({ ...crashingAfter(0, test.projections), limits: quick });
    await expect(ask(ended, test.channel, edit('edited'))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect((await test.message(1)).projection).toBeUndefined();
    expect(test.told).toEqual([]);
    expect(await test.replica().heads([test.channel])).toEqual([1]);
    expect((await test.message(1)).projection?.edited?.text).toBe('edited');
  });

  test('is projected before the next one is decided', async () => {
    const test = await openChannel(memoryLogs(1_000), 1);
    const ended = test.replica({ ...crashingAfter(0, test.projections), limits: quick });
    await expect(ask(ended, test.channel, askReaction(by('ada'), '👍', true))).rejects.toThrow();
    await ask(test.replica(), test.channel, askReaction(by('grace'), '👍', true));
    expect((await test.message(1)).projection?.reactions).toEqual({
      '👍': { count: 2, since: 1, first: ['ada', 'grace'] },
    });
  });

  test('at the end of a bucket or the beginning of one too', async () => {
    for (const before of [3, 4, 5, 8]) {
      const test = await openChannel(memoryLogs(4), 1);
      for (let n = 1; n <= before; n++) await ask(test.replica(), test.channel, edit(`${n}`));
      const ended = test.replica({ ...crashingAfter(0, test.projections), limits: quick });
      await expect(ask(ended, test.channel, edit('last'))).rejects.toThrow();
      expect(await test.replica().heads([test.channel])).toEqual([before + 1]);
      expect((await test.message(1)).projection?.edited).toMatchObject({ text: 'last', rev: before + 1 });
    }
  });

  test('keeps its head back until it is projected, and is UNAVAILABLE while it cannot be', async () => {
    const test = await openChannel(memoryLogs(1_000), 1);
    const ended = test.replica({ ...crashingAfter(0, test.projections), limits: quick });
    await expect(ask(ended, test.channel, edit('edited'))).rejects.toThrow();

    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    const slow = test.replica({
      projections: {
        ...crashingAfter(Number.POSITIVE_INFINITY, test.projections).projections,
        async project(channel, changes) {
          await released;
          await test.projections.project(channel, changes);
        },
      },
    });
    let given: readonly number[] | null = null;
    const asked = [1, 2, 3].map(() =>
      slow.heads([test.channel]).then((heads) => {
        given = heads;
      }),
    );
    await sleep(20);
    expect(given).toBeNull();
    release();
    await Promise.all(asked);
    expect(given).toEqual([1]);

    const broken = test.replica({ ...crashingAfter(0, test.projections), limits: { readMs: 50 } });
    test.logs.changes.clear();
    await ask(test.replica(), test.channel, edit('again'));
    // It says so itself what is projected: nothing must be written.
    expect(await broken.heads([test.channel])).toEqual([1]);
    const half = test.replica({ ...crashingAfter(0, test.projections), limits: quick });
    await expect(ask(half, test.channel, edit('and again'))).rejects.toThrow();
    await expect(broken.heads([test.channel])).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});

describe('reading where change logs end', () => {
  const counted = async (channels: number) => {
    const test = await openChannel(memoryLogs(1_000), 1);
    const keys = Array.from({ length: channels }, (_, i) => ({ ...test.channel, channelId: `channel-${i}` }));
    for (const channel of keys) await ask(test.replica(), channel, joined);
    const changes = new CountingStore(test.logs.changes);
    const projecting = crashingAfter(0, test.projections);
    return { test, keys, changes, projecting, options: { changes, projections: projecting.projections } };
  };
  const joined: ChangeEntry = { kind: 'MEMBER_JOINED', head: 0, actorId: 'ada', userId: 'ada' };

  test('asks once how far they are projected, however many, and then no more', async () => {
    const { test, keys, changes, projecting, options } = await counted(40);
    const log = test.replica(options);
    expect(await log.heads(keys)).toEqual(keys.map(() => 1));
    expect(changes.calls).toEqual({ tailHints: 1, states: 2 });
    changes.calls = {};
    await log.heads(keys);
    expect(changes.calls).toEqual({ tailHints: 1, states: 1 });
    expect(projecting.hasCrashed()).toBe(false);
  });

  test('asks nothing of what another replica has told', async () => {
    const { test, keys, changes, options } = await counted(3);
    const log = test.replica(options);
    for (const [i, channel] of keys.entries()) {
      log.observe(channel, { seq: 1, at: i, sendKey: 'x', entry: joined });
    }
    await log.heads(keys);
    expect(changes.calls).toEqual({ tailHints: 1, states: 1 });
  });

  test('remembers a bounded number of channels', async () => {
    const { test, keys, changes, options } = await counted(5);
    const log = test.replica({ ...options, knownChannels: 2 });
    await log.heads(keys);
    changes.calls = {};
    expect(await log.heads(keys)).toEqual(keys.map(() => 1));
    expect(changes.calls).toEqual({ tailHints: 1, states: 2 });
  });

  test('believes the store when numbers begin anew further down', async () => {
    const test = await openChannel(memoryLogs(1_000), 1);
    const log = test.replica();
    for (let n = 1; n <= 3; n++) await ask(log, test.channel, edit(`${n}`));
    test.logs.changes.clear();
    const ended = test.replica({ ...crashingAfter(0, test.projections), limits: quick });
    await expect(ask(ended, test.channel, askPin(by('ada'), true))).rejects.toThrow();
    expect(await log.heads([test.channel])).toEqual([1]);
    expect((await test.message(1)).projection?.pinnedAt).toBeDefined();
  });
});

test('a change of a message that the restored log does not have is not for the one that gets its number', async () => {
  const test = await openChannel(memoryLogs(1_000), 2);
  const ended = test.replica({ ...crashingAfter(0, test.projections), limits: quick });
  const deletion = askDelete(by('ada', 2));
  await expect(ask(ended, test.channel, deletion)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  const [first] = await test.logs.messages.range(test.channel, 1, 1);
  const say = (row: Pick<LogRow<MessageEntry>, 'seq' | 'at' | 'sendKey' | 'entry'>, last: number | null) =>
    test.logs.messages.append({ channel: test.channel, bucket: 0, expectedLast: last, rows: [row] });
  if (first === undefined) throw new Error('two messages');
  // A backup whose tables were copied one after another: that of the messages first.
  test.logs.messages.clear();
  await say(first, null);
  expect(await test.replica().heads([test.channel])).toEqual([1]);
  await say({ ...first, seq: 2, sendKey: 'new' }, 1);
  expect(await test.message(2)).toEqual(first.entry);
});
