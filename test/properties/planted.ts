/** A copy of the program's domain and of these properties, with a mistake planted in it. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export interface Replacement {
  /** Within src/chat. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** What runs with the mistake: everything of one copy, whose errors are its own classes. */
export interface Planted {
  readonly createLog: typeof import('../../src/chat/log/create-log.ts').createLog;
  readonly createChangeLog: typeof import('../../src/chat/changes/change-log.ts').createChangeLog;
  readonly playLog: typeof import('./play-log.ts').playLog;
  readonly playChanges: typeof import('./play-changes.ts').playChanges;
  remove(): void;
}

const root = fileURLToPath(new URL('../../', import.meta.url));

export async function plant(replace: readonly Replacement[]): Promise<Planted> {
  const folder = mkdtempSync(join(tmpdir(), 'backscroll-mistake-'));
  for (const part of ['src/chat', 'test/properties']) {
    cpSync(join(root, part), join(folder, part), {
      recursive: true,
      filter: (path) => !path.endsWith('.test.ts'),
    });
  }
  for (const { file, from, to } of replace) {
    const path = join(folder, 'src/chat', file);
    const source = readFileSync(path, 'utf8');
    // The source has moved on: the mistake must follow it.
    if (!source.includes(from)) throw new Error(`${file} no longer says: ${from}`);
    writeFileSync(
      path,
      source.replace(from, () => to),
    );
  }
  const load = async <T>(path: string): Promise<T> =>
    import(/* @vite-ignore */ pathToFileURL(join(folder, path)).href);
  const { createLog } = await load<Planted>('src/chat/log/create-log.ts');
  const { createChangeLog } = await load<Planted>('src/chat/changes/change-log.ts');
  const { playLog } = await load<Planted>('test/properties/play-log.ts');
  const { playChanges } = await load<Planted>('test/properties/play-changes.ts');
  return {
    createLog,
    createChangeLog,
    playLog,
    playChanges,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
