import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { OutboxRow } from '../channels/port.ts';
import { silentLogger } from '../logger.ts';
import { announce, announceRow } from './announcer.ts';

const row: OutboxRow = {
  id: 'the row',
  organizationId: 'o',
  channelId: 'c',
  kind: 'MEMBER_JOINED',
  actorId: 'ada',
  userId: 'grace',
  createdAt: new Date(100_000),
};

/** What announcing asks of the ports. */
function ports(append: () => Promise<unknown> = async () => undefined) {
  return {
    messages: { heads: vi.fn(async () => [7]) },
    changes: { append: vi.fn(append) },
    outbox: { done: vi.fn(async () => undefined) },
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
    const given = ports();
    await announceRow(given, row);
    expect(given.changes.append).toHaveBeenCalledExactlyOnceWith(
      { organizationId: 'o', channelId: 'c' },
      {
        sendKey: 'the row',
        entry: { kind: 'MEMBER_JOINED', head: 7, actorId: 'ada', userId: 'grace' },
        bytes: expect.any(Number),
        searchBack: { since: 40_000 },
      },
    );
    expect(given.outbox.done).toHaveBeenCalledExactlyOnceWith(['the row']);
  });

  test('keeps the row when the append fails, and the request succeeds all the same', async () => {
    const given = ports(() => Promise.reject(new Error('away')));
    await announce(given, [row]);
    expect(given.outbox.done).not.toHaveBeenCalled();
  });

  test('lets the request go when the log takes its time, and still forgets the row once it is appended', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const given = ports(() => promise);
    const announced = announce(given, [row]);
    await vi.runAllTimersAsync();
    await announced;
    expect(given.outbox.done).not.toHaveBeenCalled();
    resolve();
    await vi.waitFor(() => expect(given.outbox.done).toHaveBeenCalledOnce());
  });

  test('keeps the order of its rows', async () => {
    const given = ports();
    await announce(given, [row, { ...row, id: 'the next' }]);
    expect(given.outbox.done.mock.calls).toEqual([[['the row']], [['the next']]]);
  });

  test('asks nothing for no rows', async () => {
    const given = ports();
    await announce(given, []);
    expect(given.messages.heads).not.toHaveBeenCalled();
  });
});
