/** What is deleted is gone from the file itself, a moment later, while the store stays open. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { DecidedChanges } from '../../chat/changes/testing/decided-changes.ts';
import { freshChannel, messageRow } from '../../chat/log/log-store.contract.ts';
import { openSqliteLogs } from './open.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'backscroll-erasure-'));
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

const MESSAGES = 400;

test('the bytes of deleted messages and their edits leave the file and its log', async () => {
  const logs = await openSqliteLogs({ dataDir });
  try {
    const channel = freshChannel();
    const secrets: string[] = [];
    // Of every size: on a page with others, alone on one, over several.
    const secret = (n: number): string => {
      const text = `secret-${randomUUID()}`;
      secrets.push(text);
      return text.padEnd(40 + ((n * 397) % 9_000), '.');
    };
    const rows = Array.from({ length: MESSAGES }, (_, i) => {
      const { entry, ...row } = messageRow(i + 1);
      const text = i % 2 === 0 ? secret(i) : `kept-${i + 1}`.padEnd(500, '.');
      return { ...row, entry: { ...entry, text } };
    });
    for (let i = 0; i < MESSAGES; i += 20) {
      const expectedLast = i === 0 ? null : i;
      await logs.messages.append({ channel, bucket: 0, expectedLast, rows: rows.slice(i, i + 20) });
    }

    const decided = new DecidedChanges(MESSAGES);
    const deleted = rows.filter((_, i) => i % 2 === 0);
    for (const { seq } of deleted) {
      decided.edit(seq, { text: secret(seq), metadata: { note: secret(seq + 7) }, mentions: [] });
    }
    for (const { seq } of deleted) decided.delete(seq);
    for (let i = 0; i < decided.rows.length; i += 20) {
      const changes = decided.rows.slice(i, i + 20);
      await logs.changes.append({ channel, bucket: 0, expectedLast: i === 0 ? null : i, rows: changes });
      await logs.projections.project(channel, changes);
      for (const { entry } of changes) {
        if (entry.kind === 'DELETED') await logs.projections.eraseEdits(channel, entry.earlierEdits ?? []);
      }
    }

    const found = (): number => {
      const bytes = readdirSync(dataDir).map((name) => readFileSync(join(dataDir, name)));
      return secrets.filter((text) => bytes.some((each) => each.includes(text))).length;
    };
    await expect.poll(found, { timeout: 15_000, interval: 200 }).toBe(0);
    const left = await logs.messages.range(channel, 1, MESSAGES);
    expect(left.filter(({ entry }) => entry.text !== '').map(({ entry }) => entry.text)).toEqual(
      rows.filter((_, i) => i % 2 === 1).map(({ entry }) => entry.text),
    );
  } finally {
    await logs.close();
  }
}, 60_000);
