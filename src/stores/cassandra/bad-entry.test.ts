/** An entry that Cassandra will not take fails alone: those that were in a batch with it are saved. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../../../test/services.ts';
import { systemClock } from '../../chat/clock.ts';
import { createLog } from '../../chat/log/create-log.ts';
import type { MessageEntry } from '../../chat/log/entries.ts';
import { freshChannel } from '../../chat/log/log-store.contract.ts';
import { messageSend } from '../../chat/log/testing/sends.ts';
import { silentLogger } from '../../chat/logger.ts';
import { migrateCassandra } from './migrate.ts';
import { type CassandraLogs, openCassandraLogs } from './open.ts';
import { scratchKeyspace } from './testing/scratch-keyspace.ts';

/** More than Cassandra takes in one request. The domain's own limits never let a text come so far. */
const TOO_LONG = 'x'.repeat(17_000_000);

await describeWith(['cassandra'], 'an entry that Cassandra refuses', () => {
  const scratch = scratchKeyspace();
  let logs: CassandraLogs;
  beforeAll(async () => {
    await migrateCassandra({ url: scratch.url, logger: silentLogger });
    logs = await openCassandraLogs({
      url: scratch.url,
      allowPeriodicCommitlog: false,
      bucketSize: 64,
      logger: silentLogger,
    });
  });
  afterAll(async () => {
    await logs.close();
    await scratch.drop();
  });

  test('fails alone', async () => {
    const log = createLog<MessageEntry>({
      store: logs.messages,
      clock: systemClock,
      logger: silentLogger,
      onAppended: () => undefined,
    });
    const channel = freshChannel();
    const texts = ['a', 'b', 'refused', 'c', 'd', 'e'];
    const answers = await Promise.allSettled(
      texts.map((text) => {
        const send = messageSend(text === 'refused' ? TOO_LONG : text);
        return log.append(channel, { ...send, bytes: 100 });
      }),
    );
    expect(answers.map(({ status }) => status === 'fulfilled')).toEqual(texts.map((t) => t !== 'refused'));
    expect(answers[2]).toMatchObject({ reason: { code: 'UNAVAILABLE' } });
    const rows = await log.range(channel, 1, 10);
    expect(rows.map(({ entry }) => entry.text)).toEqual(['a', 'b', 'c', 'd', 'e']);
    await log.close();
  });
});
