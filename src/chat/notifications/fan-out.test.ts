/** What telling asks of the log: nothing, of messages that were sent from here. */
import { expect, test, vi } from 'vitest';
import type { MessageEntry } from '../log/entries.ts';
import type { LogRow } from '../log/port.ts';
import { silentLogger } from '../logger.ts';
import { Alerts } from './alerts.ts';
import { createFanOut } from './fan-out.ts';
import type { NotificationStore, TellingOutcome } from './port.ts';
import { knownUpTo } from './runs.ts';

const row = (seq: number, userId?: string): LogRow<MessageEntry> => ({
  seq,
  sendKey: `ada/${seq}`,
  at: 0,
  entry: {
    authorId: 'ada',
    clientMessageId: `c${seq}`,
    text: '',
    metadata: null,
    mentions: userId === undefined ? [] : [{ kind: 'USER', userId, start: 0, length: 1 }],
  },
});

function scene() {
  let position = 0;
  const tell = vi.fn<NotificationStore['tell']>(async (tellings) =>
    tellings.map(({ upTo, notices, silent }): TellingOutcome => {
      const known = new Set(notices.map(({ seq }) => seq));
      if (knownUpTo(position, upTo, known, silent ?? []) === upTo) position = upTo;
      return { position, told: [], groups: [] };
    }),
  );
  const range = vi.fn(async () => []);
  const options = { notifications: { tell }, messages: { range }, logger: silentLogger };
  const alerts = new Alerts({
    notifications: { audience: async () => [] },
    publisher: { notified: () => undefined },
    clock: { now: () => 0 },
    logger: silentLogger,
  });
  const fanOut = createFanOut({ ...options, alerts, lazyMs: 60_000 });
  const channel = { organizationId: 'o', channelId: 'c', type: 'CHANNEL' } as const;
  return { channel, fanOut, tell, range, position: () => position };
}

test('thousands of messages that name nobody are passed over together, without being read again', async () => {
  const { channel, fanOut, tell, range, position } = scene();
  for (let seq = 1; seq <= 5_000; seq++) fanOut.sent(channel, row(seq));
  await fanOut.close();
  expect(position()).toBe(5_000);
  expect(tell).toHaveBeenCalledOnce();
  expect(range).not.toHaveBeenCalled();
});

test('one among them that names somebody is told of, whole', async () => {
  const { channel, fanOut, tell, range, position } = scene();
  for (let seq = 1; seq <= 5_000; seq++) fanOut.sent(channel, row(seq, seq === 4_000 ? 'grace' : undefined));
  await fanOut.close();
  expect(position()).toBe(5_000);
  expect(tell.mock.calls.flatMap(([[one]]) => one?.notices.map(({ mentioned }) => mentioned) ?? [])).toEqual([
    ['grace'],
  ]);
  expect(range).not.toHaveBeenCalled();
});
