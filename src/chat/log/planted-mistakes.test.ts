/**
 * The tests of the log, tested: mistakes that are easy to make here are planted in a copy of the source, and the
 * simulation must see that a promise is broken. Each of these was made once by somebody, somewhere.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import type { LeftOut } from './testing/memory-store.ts';

interface Mistake {
  readonly name: string;
  readonly replace?: readonly { readonly file: string; readonly from: string; readonly to: string }[];
  /** A condition that the store forgets. */
  readonly leftOut?: LeftOut;
}

const mistakes: readonly Mistake[] = [
  { name: 'an append without its condition on the last number', leftOut: 'the last number' },
  { name: 'an append without its condition on the send keys', leftOut: 'the send keys' },
  {
    name: 'searching for a copy when the send arrives, and not again when its bucket is known',
    replace: [
      {
        file: 'batch.ts',
        from: 'if (pending.searched === null || pending.searched < bucket) continue;',
        to: 'if (pending.searched === null) continue;',
      },
      {
        file: 'copy-search.ts',
        from: '(pending.searched ?? -1) >= position.bucket',
        to: 'pending.searched !== null',
      },
    ],
  },
  {
    name: 'not searching at all',
    replace: [
      {
        file: 'search.ts',
        from: 'const newest = position.bucket;',
        to: 'return position.bucket; let newest = 0;',
      },
    ],
  },
  {
    name: 'a key twice in one batch',
    replace: [
      { file: 'waiting-sends.ts', from: 'this.#sends.get(send.sendKey)', to: 'this.#none()' },
      {
        file: 'waiting-sends.ts',
        from: 'this.#sends.set(send.sendKey, pending)',
        to: 'this.#sends.set(send.sendKey + Math.random(), pending)',
      },
      {
        file: 'waiting-sends.ts',
        from: 'this.#sends.delete(send.sendKey)',
        to: 'this.#sends.forEach((each, key) => { if (each.isSettled) this.#sends.delete(key); })',
      },
      {
        file: 'waiting-sends.ts',
        from: '  rejectAll(',
        to: '  #none(): PendingSend<Entry> | undefined { return undefined; }\n\n  rejectAll(',
      },
      { file: 'batch.ts', from: '.size < rows.length', to: '.size < 0' },
    ],
  },
  {
    name: 'beginning a bucket before the one before it is full, and not noticing when searching there',
    replace: [
      { file: 'tail.ts', from: 'state?.last === lastOfBucket(bucket, bucketSize)', to: 'state !== null' },
      {
        file: 'search.ts',
        from: 'if (state?.last !== lastOfBucket(through, store.bucketSize))',
        to: 'if (state === null)',
      },
    ],
  },
  {
    name: 'believing the tail hint',
    replace: [
      {
        file: 'tail.ts',
        from: 'full: -1, endedAt: null, notFull: null, probes }',
        to: 'full: near - 1, endedAt: null, notFull: null, probes }',
      },
    ],
  },
  {
    name: 'taking an unknown outcome for a failure',
    replace: [
      {
        file: 'attempts.ts',
        from: 'await this.#resolveUnknown(position, next, error);',
        to: 'for (const pending of next.sends) pending.reject(error);',
      },
    ],
  },
  {
    name: 'taking an unknown outcome for a success',
    replace: [
      {
        file: 'attempts.ts',
        from: 'await this.#resolveUnknown(position, next, error);',
        to: 'this.#applied(position, next);',
      },
    ],
  },
  {
    name: 'answering a repeated send with what it carries',
    replace: [
      {
        file: 'answer-found.ts',
        from: 'pending.resolve({ row, isDuplicate: !isOwn(pending, row) })',
        to: 'pending.resolve({ row: { ...row, entry: pending.send.entry }, isDuplicate: true })',
      },
    ],
  },
  {
    name: 'telling of a row again when a repeated send finds it',
    replace: [
      {
        file: 'answer-found.ts',
        from: 'row !== null && isOwn(pending, row) ? [row] : []',
        to: 'row !== null ? [row] : []',
      },
      { file: 'teller.ts', from: 'row.seq > this.#toldTo', to: 'row.seq > 0' },
    ],
  },
];

const NONE = 'none';

const scratch = mkdtempSync(join(tmpdir(), 'backscroll-mistakes-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** A copy of the domain's source with the mistake in it. */
function plant({ replace = [] }: Mistake): string {
  const folder = mkdtempSync(join(scratch, 'chat-'));
  cpSync(fileURLToPath(new URL('..', import.meta.url)), folder, {
    recursive: true,
    filter: (path) => !path.endsWith('.test.ts'),
  });
  for (const { file, from, to } of replace) {
    const path = join(folder, 'log', file);
    const source = readFileSync(path, 'utf8');
    // When this fails the source has moved on: the mistake must follow it.
    expect(source, `${file} still reads as the planted mistake expects`).toContain(from);
    writeFileSync(
      path,
      source.replace(from, () => to),
    );
  }
  return folder;
}

/** What the simulation finds broken in a copy; stops at the first seed that finds something. */
async function broken(mistake: Mistake, seeds: number): Promise<readonly string[]> {
  const folder = plant(mistake);
  const load = async <T>(path: string): Promise<T> =>
    import(/* @vite-ignore */ pathToFileURL(join(folder, 'log', path)).href);
  const { createLog } = await load<typeof import('./create-log.ts')>('create-log.ts');
  const { MemoryStore } = await load<typeof import('./testing/memory-store.ts')>('testing/memory-store.ts');
  const { simulate } = await load<typeof import('./testing/simulate.ts')>('testing/simulate.ts');
  for (let seed = 1; seed <= seeds; seed++) {
    const found = await simulate({
      createLog,
      store: new MemoryStore(4, mistake.leftOut),
      seed,
      replicas: 3,
      writers: 10,
      sendsPerWriter: 6,
      doubled: 0.8,
      faults: { lost: 0.05, unheard: 0.1, late: 0.1, wrongHint: 0.5, latencyMs: 2 },
      // Some mistakes leave sends without an answer; without one there is all the time that a slow machine needs.
      patienceMs: mistake.name === NONE ? 20_000 : 1_000,
    });
    if (found.length > 0) return found;
  }
  return [];
}

describe('the simulation', () => {
  test('finds nothing broken without a mistake', async () => {
    expect(await broken({ name: NONE }, 8)).toEqual([]);
  });

  test.each(mistakes)('notices $name', async (mistake) => {
    expect(await broken(mistake, 8)).not.toEqual([]);
  });
});
