/**
 * The folder of an unpacked Slack export: users.json, channels.json, and a folder of day files for each channel.
 * One file is in memory at a time. A file that cannot be read is the caller's to name and pass over; only a folder
 * that is no export at all is refused.
 */
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';

/** The folder is not what an import can start from; the message says what is missing. */
export class NotAnExport extends Error {
  override readonly name = 'NotAnExport';
}

/** One file that is there and cannot be used. */
export class UnreadableFile extends Error {
  override readonly name = 'UnreadableFile';
  /** Path within the export. */
  readonly path: string;

  constructor(path: string, why: string) {
    super(`${path}: ${why}`);
    this.path = path;
  }
}

/** A day of one channel is far below this; a larger file would not fit the promise of bounded memory. */
const LARGEST_FILE = 128 * 1024 * 1024;

const DAY_FILE = /^\d{4}-\d{2}-\d{2}\.json$/;

export interface ExportFolder {
  readonly folder: string;
  /** Everything that lies at the top, by name. */
  readonly entries: readonly string[];
}

/** Throws NotAnExport when `folder` is missing, is a file, or holds no users.json or channels.json. */
export async function openExport(folder: string): Promise<ExportFolder> {
  const entries = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') throw new NotAnExport(`There is no folder ${folder}.`);
    if (error.code === 'ENOTDIR') {
      throw new NotAnExport(`${folder} is a file. Unpack the export (unzip) and name the folder.`);
    }
    throw new NotAnExport(`${folder} cannot be read (${error.code ?? error.message}).`);
  });
  const missing = ['users.json', 'channels.json'].filter((name) => !entries.includes(name));
  if (missing.length > 0) {
    const inner = entries.length === 1 ? ` Did you mean ${join(folder, entries[0] ?? '')}?` : '';
    throw new NotAnExport(
      `${folder} is not a Slack export: ${missing.join(' and ')} not found. ` +
        `An unpacked export has users.json, channels.json and a folder for each channel.${inner}`,
    );
  }
  return { folder, entries };
}

/** A JSON file that has to be a list. Throws UnreadableFile. */
export async function readList(folder: ExportFolder, path: string): Promise<readonly unknown[]> {
  const file = join(folder.folder, path);
  let text: string;
  try {
    const { size } = await stat(file);
    if (size > LARGEST_FILE) throw new UnreadableFile(path, `larger than ${LARGEST_FILE >> 20} MiB`);
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof UnreadableFile) throw error;
    throw new UnreadableFile(
      path,
      `cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`,
    );
  }
  let value: unknown;
  try {
    value = JSON.parse(text.startsWith('\ufeff') ? text.slice(1) : text);
  } catch {
    throw new UnreadableFile(path, text.trim() === '' ? 'is empty' : 'is not valid JSON (cut short?)');
  }
  if (!Array.isArray(value)) throw new UnreadableFile(path, 'is not a list');
  return value;
}

/** A channel's day files in the order of their dates, as paths within the export; none without a folder. */
export async function dayFiles(folder: ExportFolder, channelFolder: string): Promise<readonly string[]> {
  if (!folder.entries.includes(channelFolder)) return [];
  const names = await readdir(join(folder.folder, channelFolder)).catch((error: NodeJS.ErrnoException) => {
    throw new UnreadableFile(basename(channelFolder), `cannot be read (${error.code ?? error.message})`);
  });
  return names
    .filter((name) => DAY_FILE.test(name))
    .sort()
    .map((name) => join(channelFolder, name));
}
