/** All that the embedded stores must do, with where their logs end kept in memory; and what that spares. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { changeLogContract } from '../../chat/changes/change-log.contract.ts';
import { content, DecidedChanges } from '../../chat/changes/testing/decided-changes.ts';
import { logContract } from '../../chat/log/log.contract.ts';
import { freshChannel, logStoreContract, messageRow } from '../../chat/log/log-store.contract.ts';
import { StoreUnreachable } from '../../chat/log/port.ts';
import { heads } from '../../chat/log/reader.ts';
import { CallCounter } from '../../chat/testing/count-calls.ts';
import { keepingAllEnds } from './kept-ends.ts';
import { openSqliteLogs, type SqliteLogs } from './open.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'backscroll-ends-'));
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

let shared: SqliteLogs | null = null;
let holders = 0;

/** Whoever opens it in this process has the same one: nobody else has the file. */
async function open(): Promise<SqliteLogs> {
  const logs = shared ?? (await openSqliteLogs({ dataDir, bucketSize: 8, isAlone: true }));
  shared = logs;
  holders += 1;
  let isClosed = false;
  const whileOpen = <Port extends object>(port: Port): Port =>
    new Proxy(port, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== 'function' || !isClosed) return member;
        return () => Promise.reject(new StoreUnreachable('closed'));
      },
    });
  return {
    ...logs,
    messages: whileOpen(logs.messages),
    changes: whileOpen(logs.changes),
    projections: whileOpen(logs.projections),
    close: async () => {
      isClosed = true;
      holders -= 1;
      if (holders > 0) return;
      shared = null;
      await logs.close();
    },
  };
}

logStoreContract('SQLite, alone', open);
logContract('SQLite, alone', open);
changeLogContract('SQLite, alone', open);

test('where a log ends is asked once, and known after each append', async () => {
  const logs = await openSqliteLogs({ dataDir: join(dataDir, 'other'), bucketSize: 4 });
  const calls = new CallCounter();
  const { messages, changes, projections } = keepingAllEnds({
    messages: calls.watch('messages', logs.messages),
    changes: calls.watch('changes', logs.changes),
    projections: logs.projections,
  });
  const channel = freshChannel();
  const append = (seq: number) =>
    messages.append({
      channel,
      bucket: Math.floor((seq - 1) / messages.bucketSize),
      expectedLast: (seq - 1) % messages.bucketSize === 0 ? null : seq - 1,
      rows: [messageRow(seq)],
    });
  expect(await heads(messages, [channel])).toEqual([0]);
  calls.take();
  for (let seq = 1; seq <= 6; seq++) {
    await append(seq);
    expect(await heads(messages, [channel, channel])).toEqual([seq, seq]);
  }
  // One of them for the bucket after the first.
  expect(calls.take()).toEqual({ 'messages.append': 6, 'messages.states': 1 });
  // Refused, and still right.
  expect((await append(3)).applied).toBe(false);
  expect(await heads(messages, [channel])).toEqual([6]);
  await messages.seal(channel, 6, 'elsewhere');
  expect((await messages.states([{ channel, bucket: 1 }]))[0]?.last).toBe(-1);

  const decided = new DecidedChanges(6);
  const edit = decided.edit(1, content('edited'));
  await changes.states([{ channel, bucket: 0 }]);
  await changes.append({ channel, bucket: 0, expectedLast: null, rows: [edit] });
  expect((await changes.states([{ channel, bucket: 0 }]))[0]).toEqual({ last: 1, lastAt: edit.at });
  await projections.noteProjected(channel, 1);
  expect((await changes.states([{ channel, bucket: 0 }]))[0]).toEqual({
    last: 1,
    lastAt: edit.at,
    projected: 1,
  });
  const again = decided.edit(1, content('edited again'));
  await changes.append({ channel, bucket: 0, expectedLast: 1, rows: [again] });
  // How far it is projected is not forgotten by what is appended.
  expect((await changes.states([{ channel, bucket: 0 }]))[0]).toMatchObject({ last: 2, projected: 1 });
  expect(await changes.tailHints([channel])).toEqual([null]);
  await changes.hintTail({ channel, bucket: 3 });
  expect(await changes.tailHints([channel])).toEqual([3]);
  await logs.close();
});
