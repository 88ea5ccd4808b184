/** Where the files of an export come from: a folder, or a zip file that is read in place. */
import type { Readable } from 'node:stream';

/** The folder or file is not what an import can start from; the message says why, and what to do. */
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

export interface ExportSource {
  /** What it was opened as. */
  readonly name: string;
  /** Paths of its JSON files, with `/` between names, and the size of each in bytes. */
  readonly files: ReadonlyMap<string, number>;
  /** The bytes of one of `files`. It, or the stream, throws UnreadableFile. */
  open(path: string): Promise<Readable>;
  close(): Promise<void>;
}

/**
 * More files than this are no export: ten years of days in a thousand channels are below four million, and each
 * takes some hundred bytes of memory.
 */
export const MOST_FILES = 4_000_000;
