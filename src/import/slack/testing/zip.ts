/** Packs files as Slack does; for tests. */
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';

export type Packed = Readonly<Record<string, string | Buffer>>;

/** @param isZip64 as tools write archives that are, or may become, larger than 4 GiB. */
export async function writeZip(file: string, files: Packed, isZip64 = false): Promise<void> {
  const zip = new ZipFile();
  for (const [path, content] of Object.entries(files)) {
    zip.addBuffer(Buffer.from(content), path, { forceZip64Format: isZip64 });
  }
  zip.end({ forceZip64Format: isZip64, comment: '' });
  await pipeline(zip.outputStream, createWriteStream(file));
}
