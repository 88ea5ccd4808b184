import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { systemClock } from '../clock.ts';
import { notFound } from '../errors.ts';
import { createLog } from '../log/create-log.ts';
import { Unchanged } from '../log/deciding.ts';
import type { ChangeEntry } from '../log/entries.ts';
import { MemoryStore } from '../log/testing/memory-store.ts';
import { silentLogger } from '../logger.ts';
import { announce, announceOpen } from './announcer.ts';
import type { OutboxRow } from './port.ts';
import { memoryOutbox, outboxRow } from './testing/memory-outbox.ts';

const row = outboxRow('the row', { kind: 'MEMBER_JOINED', userId: 'grace', createdAt: new Date(100_000) });
const channel = { organizationId: 'o', channelId: 'c' };

/** What announcing asks of the ports. */
function ports(
  rows: readonly OutboxRow[],
  append: (key: string) => Promise<unknown> = async () => undefined,
) {
  const appended: string[] = [];
  return {
    appended,
    messages: { heads: vi.fn(async () => [7]) },
    changes: {
      append: vi.fn(async (_: object, { sendKey }: { readonly sendKey: string }) => {
        await append(sendKey);
        appended.push(sendKey);
      }),
    },
    outbox: memoryOutbox(rows),
    logger: silentLogger,
  };
}

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

describe('announcing a change', () => {
  test('appends it under the name of its outbox row, after the messages there are, then forgets the row', async () => {
    const given = ports([row]);
    expect(await announceOpen(given, channel)).toEqual({ announced: 1, isMore: false });
    expect(given.changes.append).toHaveBeenCalledExactlyOnceWith(channel, {
      sendKey: 'the row',
      entry: { kind: 'MEMBER_JOINED', head: 7, actorId: 'ada', userId: 'grace' },
      bytes: expect.any(Number),
      searchBack: { since: 40_000 },
    });
    expect(given.outbox.ids()).toEqual([]);
  });

  test('says of a thread which message it is of; nobody hears of it before that message', async () => {
    const thread = { channelId: 't', rootSeq: 9 };
    const given = ports([outboxRow('the row', { kind: 'THREAD_OPENED', thread })]);
    await announceOpen(given, channel);
    const entry = { kind: 'THREAD_OPENED', head: 9, actorId: 'ada', userId: null, seq: 9, threadId: 't' };
    expect(given.changes.append).toHaveBeenCalledExactlyOnceWith(channel, expect.objectContaining({ entry }));
  });

  test('forgets a row that has nothing to say any more, and goes on behind it', async () => {
    const thread = { channelId: 't', rootSeq: 9 };
    const rows = [
      outboxRow('so already'),
      outboxRow('root gone', { kind: 'THREAD_OPENED', thread }),
      outboxRow('good'),
    ];
    const given = ports(rows, async (key) => {
      if (key === 'so already') throw new Unchanged('it is so already');
      if (key === 'root gone') throw notFound('The message');
    });
    await announceOpen(given, channel);
    expect(given.outbox.ids()).toEqual([]);
    expect(given.appended).toEqual(['good']);
  });

  test('keeps one of the channel that is refused, whatever stands behind it', async () => {
    const given = ports([outboxRow('refused'), outboxRow('good')], async (key) => {
      if (key === 'refused') throw notFound('The message');
    });
    await expect(announceOpen(given, channel)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(given.outbox.ids()).toEqual(['refused', 'good']);
  });

  test('keeps the row when the append fails, and the request succeeds all the same', async () => {
    const given = ports([row], () => Promise.reject(new Error('away')));
    await announce(given, [row]);
    expect(given.outbox.ids()).toEqual(['the row']);
  });

  test('lets the request go when the log takes its time, and still forgets the row once it is appended', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const given = ports([row], () => promise);
    const announced = announce(given, [row]);
    await vi.advanceTimersByTimeAsync(2_000);
    await announced;
    expect(given.outbox.ids()).toEqual(['the row']);
    resolve();
    await vi.waitFor(() => expect(given.outbox.ids()).toEqual([]));
  });

  test('lets the request go when the outbox cannot be read', async () => {
    const given = ports([row]);
    given.outbox.open.mockRejectedValueOnce(new Error('away'));
    await announce(given, [row]);
    expect(given.appended).toEqual([]);
  });

  test('asks nothing for no rows', async () => {
    const given = ports([row]);
    await announce(given, []);
    expect(given.outbox.open).not.toHaveBeenCalled();
    expect(given.messages.heads).not.toHaveBeenCalled();
  });

  test('costs one read of the outbox', async () => {
    const given = ports([row]);
    await announce(given, [row]);
    expect(given.outbox.open).toHaveBeenCalledOnce();
    expect(given.outbox.due).not.toHaveBeenCalled();
  });
});

describe('the order of a channel', () => {
  const joined = outboxRow('joined', { kind: 'MEMBER_JOINED', userId: 'grace' });
  const left = outboxRow('left', { kind: 'MEMBER_LEFT', userId: 'grace' });

  test('a join that could not be announced comes before the leave that ended it', async () => {
    let isAway = true;
    const given = ports([joined], async () => {
      if (isAway) throw new Error('away');
    });
    await announce(given, [joined]);
    isAway = false;
    given.outbox.put(left, outboxRow('elsewhere', { channelId: 'other' }));
    await announce(given, [left]);
    expect(given.appended).toEqual(['joined', 'left']);
    expect(given.outbox.ids(), 'other channels are not its business').toEqual(['elsewhere']);
  });

  test('nothing goes ahead of a row that fails', async () => {
    const given = ports([joined, left], async (key) => {
      if (key === 'joined') throw new Error('refused');
    });
    await announce(given, [left]);
    expect(given.appended).toEqual([]);
    expect(given.outbox.ids()).toEqual(['joined', 'left']);
  });

  test('those who announce at once share the work', async () => {
    const rows = Array.from({ length: 50 }, (_, i) => outboxRow(`row ${i}`));
    const given = ports(rows);
    await Promise.all(rows.map((one) => announce(given, [one])));
    expect(given.appended).toEqual(rows.map((one) => one.id));
    expect(given.outbox.open.mock.calls.length).toBeLessThanOrEqual(2);
  });

  test('a pass takes a bounded part, from the oldest', async () => {
    const rows = Array.from({ length: 150 }, (_, i) => outboxRow(`row ${i}`));
    const given = ports(rows);
    expect(await announceOpen(given, channel)).toEqual({ announced: 100, isMore: true });
    expect(await announceOpen(given, channel)).toEqual({ announced: 50, isMore: false });
    expect(given.appended).toEqual(rows.map((one) => one.id));
  });

  test('two replicas that announce at once keep it, wherever one of them is held up', async () => {
    vi.useRealTimers();
    for (let seed = 0; seed < 30; seed++) {
      const outbox = memoryOutbox([]);
      const store = new MemoryStore<ChangeEntry>(8);
      const pause = () => new Promise((resolve) => setTimeout(resolve, Math.random() * 4));
      const replicas = [1, 2].map(() => {
        const log = createLog({
          store,
          clock: systemClock,
          logger: silentLogger,
          onAppended: () => undefined,
        });
        return {
          messages: { heads: async () => [0] },
          changes: {
            append: async (...args: Parameters<typeof log.append>) => {
              await pause();
              await log.append(...args);
              await pause();
            },
          },
          // Its own, as the database client of another process is.
          outbox: { open: outbox.open, done: outbox.done },
          logger: silentLogger,
        };
      });
      const rows = Array.from({ length: 6 }, (_, i) => outboxRow(`row ${i}`, { createdAt: new Date() }));
      await Promise.all(
        rows.map(async (one, i) => {
          outbox.put(one);
          const replica = replicas[i % 2];
          if (replica === undefined) throw new Error('two replicas');
          await pause();
          await announce(replica, [one]);
        }),
      );
      const kept = await store.range(channel, 1, 100);
      expect(kept.map(({ sendKey }) => sendKey)).toEqual(rows.map((one) => one.id));
      expect(outbox.ids()).toEqual([]);
    }
  });
});
