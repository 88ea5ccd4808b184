/**
 * A full disk for the server on SQLite: a limit on how large a file of its may grow (RLIMIT_FSIZE), set from outside on the
 * running process, just above its log. Writes beyond it fail in the middle, as they do when space ends.
 */
import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Step } from '../plan.ts';
import type { Recorder } from '../recorder.ts';
import type { World } from '../world.ts';

/** Room for a few more writes, and in the middle of a page. */
const ROOM_BYTES = 10_000;

async function limit(pid: number | undefined, bytes: number | 'unlimited'): Promise<void> {
  if (pid === undefined) throw new Error('the server has no process');
  await promisify(execFile)('prlimit', ['--pid', String(pid), `--fsize=${bytes}:unlimited`]);
}

/** What it keeps stays whole, whether it lives through it or dies of it. */
export async function fillDisk({ solo }: World, step: Step, recorder: Recorder): Promise<void> {
  const { replica } = solo;
  const wal = await stat(join(solo.folder, 'messages.sqlite-wal'));
  const file = await stat(join(solo.folder, 'messages.sqlite'));
  // A log that is begun anew is written over from its beginning: then the file itself must not grow.
  await limit(replica.pid, Math.min(wal.size, file.size) + ROOM_BYTES);
  await sleep(step.lastsMs);
  if (!step.isWorse) {
    await limit(replica.pid, 'unlimited');
    return;
  }
  await recorder.whileAbsent(replica.url, async () => {
    await replica.end('SIGKILL');
    solo.replica = await solo.fleet.start();
    solo.places.add(solo.replica);
    solo.places.remove(replica);
  });
}
