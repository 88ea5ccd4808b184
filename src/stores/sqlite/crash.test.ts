/** What is acknowledged is kept, whatever ends the process and whatever the disk can no longer take. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { systemClock } from '../../chat/clock.ts';
import { createLog } from '../../chat/log/create-log.ts';
import { silentLogger } from '../../chat/logger.ts';
import { openSqliteLogs } from './open.ts';
import { channels, sendOf } from './testing/sends.ts';

const scratch = mkdtempSync(join(tmpdir(), 'backscroll-sqlite-crash-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

interface Acknowledged {
  readonly channel: number;
  readonly sendKey: string;
  readonly seq: number;
}

/**
 * Runs a sender until it ends, killed once it has acknowledged `killAfter`.
 * @param limit shell words before the process, to take something away from it.
 */
async function runSender(
  dataDir: string,
  run: string,
  killAfter: number,
  limit = '',
): Promise<{
  readonly acknowledged: readonly Acknowledged[];
  readonly refused: readonly string[];
}> {
  const sender = fileURLToPath(new URL('./testing/sender.ts', import.meta.url));
  const child = spawn('sh', ['-c', `${limit} exec "$0" "$@"`, process.execPath, sender, dataDir, run], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const acknowledged: Acknowledged[] = [];
  const refused: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    const [channel, sendKey, seq] = line.split(' ');
    if (channel === 'refused') refused.push(line);
    // The last line may be cut short by the kill: only whole ones were acknowledged to anybody.
    else if (sendKey !== undefined && seq !== undefined) {
      acknowledged.push({ channel: Number(channel), sendKey, seq: Number(seq) });
    }
    if (acknowledged.length === killAfter) child.kill('SIGKILL');
  }
  return { acknowledged, refused };
}

/** Reads everything back, dense and once each, with what was acknowledged at its number. */
async function check(dataDir: string, acknowledged: readonly Acknowledged[], run: string): Promise<void> {
  const logs = await openSqliteLogs({ dataDir, bucketSize: 64 });
  const log = createLog({
    store: logs.messages,
    clock: systemClock,
    logger: silentLogger,
    onAppended: () => undefined,
  });
  try {
    // Everybody who had no answer sends again.
    const most = acknowledged.length + 64;
    const again = await Promise.all(
      Array.from({ length: most }, async (_, i) => {
        const place = i % channels.length;
        const channel = channels[place];
        if (channel === undefined) throw new Error('at least one channel');
        const send = sendOf(run, i);
        const { row } = await log.append(channel, send);
        return { channel: place, sendKey: send.sendKey, seq: row.seq };
      }),
    );
    const answers = new Map(again.map(({ channel, sendKey, seq }) => [`${channel} ${sendKey}`, seq]));
    for (const { channel, sendKey, seq } of acknowledged) {
      expect(answers.get(`${channel} ${sendKey}`)).toBe(seq);
    }
    const heads = await log.heads(channels);
    for (const [i, channel] of channels.entries()) {
      const keys = new Set<string>();
      for (let from = 1; from <= (heads[i] ?? 0); from += 1_000) {
        const rows = await log.range(channel, from, from + 999);
        rows.forEach((row, j) => {
          expect(row.seq).toBe(from + j);
          keys.add(row.sendKey);
        });
      }
      expect(keys.size).toBe(heads[i]);
    }
    expect(heads.reduce((sum, head) => sum + head, 0)).toBe(most);
  } finally {
    await log.close();
    await logs.close();
  }
}

test.each([1, 2, 3])(
  'kill -9 in the middle of sends loses nothing that was acknowledged (run %i)',
  async (round) => {
    const dataDir = join(scratch, `killed-${round}`);
    const { acknowledged } = await runSender(dataDir, 'run', 200 + round * 77);
    expect(acknowledged.length).toBeGreaterThanOrEqual(200);
    await check(dataDir, acknowledged, 'run');
  },
);

test.skipIf(process.platform === 'win32')('a disk that is full refuses, and keeps what it took', async () => {
  const dataDir = join(scratch, 'full');
  // No file may grow beyond some hundred kilobytes; without the trap the signal would end the process.
  const limit = `trap '' XFSZ; ulimit -f 600;`;
  const { acknowledged, refused } = await runSender(dataDir, 'run', Number.POSITIVE_INFINITY, limit);
  expect(acknowledged.length).toBeGreaterThan(10);
  expect(refused).toContain('refused UNAVAILABLE');
  await check(dataDir, acknowledged, 'run');
});
