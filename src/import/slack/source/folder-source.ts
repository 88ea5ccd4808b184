/** An unpacked export. Only regular JSON files count: a link could lead out of the folder. */
import { createReadStream } from 'node:fs';
import { opendir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { type ExportSource, MOST_FILES, NotAnExport, UnreadableFile } from './source.ts';

/** `teams/WORKSPACE/CHANNEL/DAY.json` is the deepest that an export goes, within a folder of its own at most. */
const DEEPEST = 5;

/** Throws NotAnExport when the folder cannot be read at all. */
export async function openFolder(folder: string): Promise<ExportSource> {
  await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    throw new NotAnExport(`${folder} cannot be read (${error.code ?? error.message}).`);
  });
  const files = new Map<string, number>();
  await collect(folder, '', 0, files);
  return {
    name: folder,
    files,
    open: async (path) => {
      const file = createReadStream(join(folder, path));
      const told = new PassThrough();
      // The file's own errors name the machine's paths; whoever reads is told the export's.
      file.once('error', (error: NodeJS.ErrnoException) => told.destroy(unreadable(path, error)));
      told.once('close', () => file.destroy());
      return file.pipe(told);
    },
    close: async () => undefined,
  };
}

const unreadable = (path: string, error: NodeJS.ErrnoException): UnreadableFile =>
  new UnreadableFile(path, `cannot be read (${error.code ?? error.message})`);

async function collect(
  root: string,
  within: string,
  depth: number,
  files: Map<string, number>,
): Promise<void> {
  const folders: string[] = [];
  for await (const entry of await opendir(join(root, within))) {
    const path = within === '' ? entry.name : `${within}/${entry.name}`;
    if (entry.isDirectory()) folders.push(path);
    if (!entry.name.endsWith('.json') || !(entry.isFile() || entry.isDirectory())) continue;
    // One that is a folder, or that nobody may look at, is named when it is opened.
    files.set(path, entry.isFile() ? ((await stat(join(root, path)).catch(() => null))?.size ?? 0) : 0);
    if (files.size > MOST_FILES) throw new NotAnExport(`${root} holds more than ${MOST_FILES} files.`);
  }
  if (depth >= DEEPEST) return;
  for (const folder of folders) {
    // A folder that cannot be listed is like one that is not there: its channel is named as having none.
    await collect(root, folder, depth + 1, files).catch((error: unknown) => {
      if (error instanceof NotAnExport) throw error;
    });
  }
}
