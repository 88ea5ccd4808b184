/** A file of an older version becomes one of this version, with all that is in it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { content, DecidedChanges } from '../../chat/changes/testing/decided-changes.ts';
import { freshChannel, messageRow } from '../../chat/log/log-store.contract.ts';
import { openSqliteLogs } from './open.ts';
import { prepareSchema, steps } from './schema.ts';
import { LogTables } from './tables.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'backscroll-schema-'));
const file = join(dataDir, 'messages.sqlite');
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

describe('a file from before messages could be changed', () => {
  const channel = freshChannel();
  const names = [channel.organizationId, channel.channelId] as const;
  const rows = [1, 2, 3].map((seq) => messageRow(seq));
  const joined = {
    seq: 1,
    at: 1_750_000_000_000,
    sendKey: 'outbox/1',
    entry: { kind: 'MEMBER_JOINED' as const, head: 0, actorId: 'a', userId: 'u' },
  };

  beforeAll(() => {
    const db = new DatabaseSync(file);
    db.exec(steps[0] ?? '');
    db.exec(`PRAGMA user_version = 1; INSERT INTO settings VALUES ('bucket_size', 8)`);
    const row = db.prepare('INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL, NULL)');
    const send = db.prepare('INSERT INTO messages_sends VALUES (?, ?, 0, ?, ?)');
    for (const { seq, at, sendKey, entry } of rows) {
      row.run(...names, seq, at, sendKey, entry.authorId, entry.clientMessageId, entry.text);
      send.run(...names, sendKey, seq);
    }
    db.prepare('INSERT INTO messages_buckets VALUES (?, ?, 0, 3, ?)').run(...names, rows[2]?.at ?? 0);
    db.prepare(`INSERT INTO changes VALUES (?, ?, 1, ?, 'outbox/1', 'MEMBER_JOINED', 0, 'a', 'u', NULL)`).run(
      ...names,
      joined.at,
    );
    db.prepare('INSERT INTO changes_sends VALUES (?, ?, 0, ?, 1)').run(...names, joined.sendKey);
    db.prepare('INSERT INTO changes_buckets VALUES (?, ?, 0, 1, ?)').run(...names, joined.at);
    db.close();
  });

  test('keeps its messages and changes, and takes further ones', async () => {
    const logs = await openSqliteLogs({ dataDir, bucketSize: 8 });
    try {
      expect(await logs.messages.range(channel, 1, 10)).toEqual(rows);
      expect(await logs.changes.range(channel, 1, 10)).toEqual([joined]);
      const keys = rows.map((row) => row.sendKey);
      expect(await logs.messages.consult({ channel, bucket: 0 }, keys)).toEqual({
        state: { last: 3, lastAt: rows[2]?.at },
        sends: new Map(keys.map((key, i) => [key, i + 1])),
      });

      const decided = new DecidedChanges(3);
      decided.other({ kind: 'MEMBER_JOINED' });
      const edit = decided.edit(2, content('edited'));
      const append = { channel, bucket: 0, expectedLast: 1, rows: [edit] };
      expect(await logs.changes.append(append)).toEqual({ applied: true });
      expect(await logs.changes.range(channel, 1, 10)).toEqual([joined, edit]);
      await logs.projections.project(channel, [joined, edit]);
      await logs.projections.noteProjected(channel, 2);
      expect((await logs.messages.range(channel, 1, 10)).map((row) => row.entry.projection)).toEqual([
        undefined,
        decided.projection(2),
        undefined,
      ]);
      expect((await logs.changes.states([{ channel, bucket: 0 }]))[0]?.projected).toBe(2);
    } finally {
      await logs.close();
    }
  });

  test('is renewed once', async () => {
    await (await openSqliteLogs({ dataDir, bucketSize: 8 })).close();
    const db = new DatabaseSync(file);
    expect(db.prepare('PRAGMA user_version').get()).toEqual({ user_version: steps.length });
    db.close();
  });
});

test('a file from before sends were ordered by time finds every one of them, whatever it is called', () => {
  const db = new DatabaseSync(':memory:');
  for (const step of steps.slice(0, 2)) db.exec(step);
  db.exec(`PRAGMA user_version = 2; INSERT INTO settings VALUES ('bucket_size', 8)`);
  // Two that swap places, among others.
  const keys = ['a/b', 'b/a', 'outbox', 'a/b/c', '/', '/a', 'a/', '', 'é/ö😀', 'a/b\u0000/c', 'a\u0000/b'];
  for (const log of ['messages', 'changes']) {
    const add = db.prepare(`INSERT INTO ${log}_sends VALUES ('o', 'c', 0, ?, ?)`);
    keys.forEach((key, i) => {
      add.run(key, i + 1);
    });
  }
  prepareSchema(db, 8);
  for (const log of ['messages', 'changes'] as const) {
    const call = { log, method: 'consult', args: { ref: ['o', 'c', 0], sendKeys: keys } } as const;
    expect(new LogTables(db, log, 8).answer(call)).toEqual([null, keys.map((key, i) => [key, i + 1])]);
  }
  db.close();
});
