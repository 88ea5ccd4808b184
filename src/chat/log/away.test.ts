/** A store that is known to be away: nobody waits for it, and whoever comes when it is back finds nothing in the way. */
import { expect, test } from 'vitest';
import { systemClock } from '../clock.ts';
import { silentLogger } from '../logger.ts';
import { createLog } from './create-log.ts';
import type { MessageEntry } from './entries.ts';
import { messageRow } from './log-store.contract.ts';
import { StoreAway } from './port.ts';
import { MemoryStore } from './testing/memory-store.ts';

class StoreThatLeaves extends MemoryStore<MessageEntry> {
  isAway = false;

  override async append(batch: Parameters<MemoryStore<MessageEntry>['append']>[0]) {
    if (this.isAway) throw new StoreAway('away');
    return super.append(batch);
  }

  override async consult(...asked: Parameters<MemoryStore<MessageEntry>['consult']>) {
    if (this.isAway) throw new StoreAway('away');
    return super.consult(...asked);
  }

  override async tailHints(channels: Parameters<MemoryStore<MessageEntry>['tailHints']>[0]) {
    if (this.isAway) throw new StoreAway('away');
    return super.tailHints(channels);
  }
}

const setUp = () => {
  const store = new StoreThatLeaves(8);
  const log = createLog({
    store,
    clock: systemClock,
    logger: silentLogger,
    onAppended: () => undefined,
    // Longer than a test may take.
    limits: { sendMs: 600_000 },
  });
  return { store, log };
};

test('sends are answered UNAVAILABLE at once, in a channel that is open and in one that is not', async () => {
  const { store, log } = setUp();
  const send = (channelId: string) => {
    const { sendKey, entry } = messageRow(1);
    return log.append(
      { organizationId: 'o', channelId },
      { sendKey, entry, bytes: 10, searchBack: 'ONE_BUCKET' },
    );
  };
  await send('open');
  store.isAway = true;
  for (const channel of ['open', 'not open', 'open']) {
    await Promise.all([
      expect(send(channel)).rejects.toMatchObject({ code: 'UNAVAILABLE', retryable: true }),
      expect(send(channel)).rejects.toMatchObject({ code: 'UNAVAILABLE' }),
    ]);
  }
  store.isAway = false;
  expect((await send('open')).row.seq).toBe(2);
  expect((await send('not open')).row.seq).toBe(1);
  await log.close();
});

test('so are those that are to be searched for first', async () => {
  const { store, log } = setUp();
  const channel = { organizationId: 'o', channelId: 'long' };
  const send = (basis: number) => {
    const { sendKey, entry } = messageRow(1);
    return log.append(channel, { sendKey, entry, bytes: 10, searchBack: { basis } });
  };
  for (let seq = 1; seq <= 10; seq += 1) expect((await send(seq - 1)).row.seq).toBe(seq);
  // What was written from here would be known without a question.
  log.forgetHeads();
  expect((await send(10)).row.seq).toBe(11);
  store.isAway = true;
  await expect(send(0)).rejects.toMatchObject({ code: 'UNAVAILABLE', retryable: true });
  store.isAway = false;
  expect((await send(0)).row.seq).toBe(12);
  await log.close();
});
