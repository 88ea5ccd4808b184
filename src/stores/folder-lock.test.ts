/** One process at a time in a data folder, whatever becomes of the one before. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FolderInUse, lockFolder } from './folder-lock.ts';

let folder = '';
const children: ChildProcess[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'backscroll-lock-'));
});

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

/** Another process that tries to take the folder, prints `have` or `no`, and stays until its input ends. */
async function contender(): Promise<{ process: ChildProcess; said: string }> {
  const script = `
    import { lockFolder } from ${JSON.stringify(new URL('./folder-lock.ts', import.meta.url).href)};
    await lockFolder(process.argv[1]).then(() => console.log('have'), (e) => console.log('no ' + e.name));
    process.stdin.resume().on('end', () => process.exit());`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, folder], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  children.push(child);
  const [said] = await once(createInterface(child.stdout), 'line');
  return { process: child, said: String(said) };
}

const refusal = async (): Promise<FolderInUse> => {
  const outcome = await lockFolder(folder).catch((error: unknown) => error);
  if (!(outcome instanceof FolderInUse)) throw new Error('the folder was given twice');
  return outcome;
};

describe('folder lock', () => {
  test('makes the folder, and another process is refused in words that name the holder and what to do', async () => {
    folder = join(folder, 'a', 'b');
    const lock = await lockFolder(folder, { port: 4000 });
    expect((await contender()).said).toBe('no FolderInUse');
    const refused = await refusal();
    expect(refused.holder).toMatchObject({ pid: process.pid, host: hostname(), port: 4000 });
    expect(refused.message).toContain(`process ${process.pid}, port 4000`);
    expect(refused.message).toContain(folder);
    expect(refused.message).toContain('DATA_DIR');
    await lock.release();
  });

  test('is free again once released, twice if need be, and leaves nobody named', async () => {
    const first = await lockFolder(folder);
    await first.release();
    await first.release();
    expect(await readdir(folder)).not.toContain('backscroll.lock.json');
    const second = await lockFolder(folder);
    await first.release();
    expect((await contender()).said).toBe('no FolderInUse');
    await second.release();
  });

  test('names the other process, and is free at once after kill -9 of it', async () => {
    const holder = await contender();
    expect(holder.said).toBe('have');
    const refused = await refusal();
    expect(refused.holder?.pid).toBe(holder.process.pid);
    holder.process.kill('SIGKILL');
    await once(holder.process, 'exit');
    await (await lockFolder(folder)).release();
  });

  test('is not fooled by a file of an earlier holder whose process id another program has now', async () => {
    const stale = { pid: process.pid, host: hostname(), since: '2020-01-01T00:00:00.000Z', port: null };
    await writeFile(join(folder, 'backscroll.lock.json'), JSON.stringify(stale));
    const lock = await lockFolder(folder);
    expect((await refusal()).holder?.since).not.toBe(stale.since);
    await lock.release();
  });

  test('a damaged file of the holder changes who is named, not who may', async () => {
    const lock = await lockFolder(folder);
    await writeFile(join(folder, 'backscroll.lock.json'), '{"pid":');
    const refused = await refusal();
    expect(refused.holder).toBeNull();
    expect(refused.message).toContain('another process');
    await lock.release();
  });

  test('of many that race exactly one wins, also over what a killed holder left', async () => {
    for (let round = 0; round < 3; round++) {
      const all = await Promise.all(Array.from({ length: 6 }, contender));
      const winners = all.filter((one) => one.said === 'have');
      expect(winners).toHaveLength(1);
      for (const { process: child } of all) child.kill('SIGKILL');
      await Promise.all(
        all.map(({ process: child }) => child.exitCode ?? child.signalCode ?? once(child, 'exit')),
      );
    }
  });

  test('of many tries within one process exactly one wins', async () => {
    const tries = await Promise.allSettled(Array.from({ length: 10 }, () => lockFolder(folder)));
    const won = tries.filter((one) => one.status === 'fulfilled');
    expect(won).toHaveLength(1);
    await won[0]?.value.release();
  });

  test('makes the folder and those above it', async () => {
    const deep = join(folder, 'not', 'there', 'yet');
    const lock = await lockFolder(deep);
    expect(await readdir(deep)).toContain('backscroll.lock');
    await lock.release();
  });

  test.runIf(process.platform === 'linux')('a place where nothing can be made is told, at once', async () => {
    await expect(lockFolder('/proc/backscroll')).rejects.toThrow(/cannot be used .*DATA_DIR/);
  });

  test('one in which it cannot be said who holds it is told with what to do, and not kept', async () => {
    const inTheWay = join(folder, 'backscroll.lock.json');
    await mkdir(inTheWay);
    await expect(lockFolder(folder)).rejects.toThrow(/cannot be used \(EISDIR.*DATA_DIR/);
    await rm(inTheWay, { recursive: true });
    await (await lockFolder(folder)).release();
  });

  test('a path that is no folder is told with what to do', async () => {
    const file = join(folder, 'file');
    await writeFile(file, '');
    await chmod(file, 0o400);
    await expect(lockFolder(join(file, 'data'))).rejects.toThrow(/cannot be used .*DATA_DIR/);
  });
});
