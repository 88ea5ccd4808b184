/** A measured store is the same store: it keeps the contract, and what is counted is what was done. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { memoryLogs } from '../chat/changes/testing/memory-projections.ts';
import type { MessageEntry } from '../chat/log/entries.ts';
import { freshChannel, logStoreContract, messageRow } from '../chat/log/log-store.contract.ts';
import { type LogStore, OutcomeUnknown, StoreUnreachable } from '../chat/log/port.ts';
import { openSqliteLogs } from '../stores/sqlite/open.ts';
import { LogMeasure } from './log-stores.ts';
import { Meters } from './meters.ts';

function measured(store: Partial<LogStore<MessageEntry>> = {}) {
  const meters = new Meters();
  const logs = memoryLogs(8);
  const messages = Object.assign(logs.messages, store);
  return { meters, ...new LogMeasure({ meters, tracing: null }).of('here', { ...logs, messages }) };
}

const dataDir = mkdtempSync(join(tmpdir(), 'backscroll-measured-'));
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

logStoreContract('SQLite, measured', async () =>
  new LogMeasure({ meters: new Meters(), tracing: null }).of(
    'here',
    await openSqliteLogs({ dataDir, bucketSize: 8 }),
  ),
);

const counted = (meters: Meters, start: string): string[] =>
  meters
    .text()
    .split('\n')
    .filter((line) => line.startsWith(start) && !line.endsWith(' 0'));

describe('what becomes of appends', () => {
  test('rows that were saved, and rounds by their outcome', async () => {
    const { messages, meters } = measured();
    const channel = freshChannel();
    const batch = { channel, bucket: 0, expectedLast: null, rows: [messageRow(1), messageRow(2)] };
    await messages.append(batch);
    await messages.append(batch);
    expect(counted(meters, 'backscroll_sends_total')).toEqual(['backscroll_sends_total 2']);
    expect(counted(meters, 'backscroll_append_rounds_total').sort()).toEqual([
      'backscroll_append_rounds_total{cell="here",log="messages",outcome="applied"} 1',
      'backscroll_append_rounds_total{cell="here",log="messages",outcome="conflict"} 1',
    ]);
    expect(counted(meters, 'backscroll_log_call_duration_seconds_count')).toEqual([
      'backscroll_log_call_duration_seconds_count{cell="here",log="messages",call="append"} 2',
    ]);
  });

  test.each([
    ['unreachable', new StoreUnreachable('away')],
    ['unknown', new OutcomeUnknown('perhaps')],
  ])('%s, and the error as it was', async (outcome, error) => {
    const { messages, meters } = measured({ append: () => Promise.reject(error) });
    const batch = { channel: freshChannel(), bucket: 0, expectedLast: null, rows: [messageRow(1)] };
    await expect(messages.append(batch)).rejects.toBe(error);
    expect(counted(meters, 'backscroll_append_rounds_total')).toEqual([
      `backscroll_append_rounds_total{cell="here",log="messages",outcome="${outcome}"} 1`,
    ]);
    expect(counted(meters, 'backscroll_log_call_failures_total')).toEqual([
      'backscroll_log_call_failures_total{cell="here",log="messages",call="append"} 1',
    ]);
    expect(counted(meters, 'backscroll_sends_total')).toEqual([]);
  });
});
