/**
 * An export as Slack gives it: one zip file, read in place and never unpacked to disk. Names in it are only looked
 * up, so none of them can lead anywhere; still, an archive with names that try to is refused, like one that is cut
 * short, needs a password, or is made to swell beyond all measure.
 */
import { Transform, type TransformCallback } from 'node:stream';
import { crc32 } from 'node:zlib';
import { type Entry, openPromise, type ZipFile } from 'yauzl';
import { type ExportSource, MOST_FILES, NotAnExport, UnreadableFile } from './source.ts';

/** Deflate makes at most 1,032 of one byte; JSON of messages shrinks to a fifth or a tenth. */
const MOST_SWELLING = 200;
/** Below this nothing can swell to harm. */
const SWELLS_FROM = 16 * 1024 * 1024;

/** Throws NotAnExport with what is wrong with the archive. */
export async function openZip(file: string): Promise<ExportSource> {
  const zip = await openPromise(file, { lazyEntries: true, autoClose: false }).catch((error: Error) => {
    throw damaged(file, error);
  });
  // Errors reach whoever waits for an entry or reads a stream; without a listener one more would end the process.
  zip.on('error', () => undefined);
  try {
    const entries = await entriesOf(zip, file);
    const files = new Map([...entries].map(([path, entry]) => [path, entry.uncompressedSize]));
    return {
      name: file,
      files,
      open: (path) => openEntry(zip, entries, path),
      close: async () => zip.close(),
    };
  } catch (error) {
    zip.close();
    throw error;
  }
}

async function entriesOf(zip: ZipFile, file: string): Promise<ReadonlyMap<string, Entry>> {
  if (zip.entryCount > MOST_FILES) throw new NotAnExport(`${file} holds more than ${MOST_FILES} files.`);
  const entries = new Map<string, Entry>();
  const places: Entry[] = [];
  try {
    for await (const entry of zip.eachEntry()) {
      if (entry.fileName.endsWith('/')) continue;
      places.push(entry);
      // Finder's shadows of files begin with a dot, in a folder of their own.
      if (!entry.fileName.endsWith('.json') || entry.fileName.startsWith('__MACOSX/')) continue;
      if (entry.isEncrypted()) {
        throw new NotAnExport(
          `${file} is encrypted (${entry.fileName}). Unpack it with its password and import the folder.`,
        );
      }
      if (entries.has(entry.fileName)) {
        throw new NotAnExport(`${file} holds ${entry.fileName} twice: it is no export of Slack's.`);
      }
      checkSwelling(file, entry);
      entries.set(entry.fileName, entry);
    }
  } catch (error) {
    throw error instanceof NotAnExport ? error : damaged(file, error as Error);
  }
  checkPlaces(file, places);
  return entries;
}

function checkSwelling(file: string, { fileName, compressedSize, uncompressedSize }: Entry): void {
  if (uncompressedSize <= SWELLS_FROM || uncompressedSize <= compressedSize * MOST_SWELLING) return;
  throw new NotAnExport(
    `${file} is refused: ${fileName} says it unpacks to ${Math.round(uncompressedSize / 2 ** 20)} MiB, ` +
      `more than ${MOST_SWELLING} times its size. If you trust it, unpack it and import the folder.`,
  );
}

/** Entries that share their bytes make an archive of some MB swell to any size, each of them below every limit. */
function checkPlaces(file: string, places: Entry[]): void {
  places.sort((a, b) => a.relativeOffsetOfLocalHeader - b.relativeOffsetOfLocalHeader);
  let end = 0;
  for (const entry of places) {
    if (entry.relativeOffsetOfLocalHeader < end) {
      throw new NotAnExport(`${file} is refused: ${entry.fileName} shares its bytes with another file.`);
    }
    end = entry.relativeOffsetOfLocalHeader + entry.compressedSize;
  }
}

async function openEntry(
  zip: ZipFile,
  entries: ReadonlyMap<string, Entry>,
  path: string,
): Promise<Transform> {
  const entry = entries.get(path);
  if (entry === undefined) throw new UnreadableFile(path, 'is not in the archive');
  const bytes = await zip.openReadStreamPromise(entry).catch((error: Error) => {
    throw new UnreadableFile(path, `cannot be unpacked (${error.message})`);
  });
  const checked = new Checked(path, entry.crc32);
  bytes.once('error', (error) => checked.destroy(new UnreadableFile(path, `is damaged (${error.message})`)));
  checked.once('close', () => bytes.destroy());
  return bytes.pipe(checked);
}

/** Passes bytes on and fails at their end when they are not those that were packed; yauzl looks at their number only. */
class Checked extends Transform {
  readonly #path: string;
  readonly #expected: number;
  #sum = 0;

  constructor(path: string, expected: number) {
    super();
    this.#path = path;
    this.#expected = expected;
  }

  override _transform(chunk: Buffer, _encoding: string, done: TransformCallback): void {
    this.#sum = crc32(chunk, this.#sum);
    done(null, chunk);
  }

  override _flush(done: TransformCallback): void {
    const isSame = this.#sum === this.#expected;
    done(isSame ? null : new UnreadableFile(this.#path, 'is damaged: its checksum is another'));
  }
}

function damaged(file: string, error: Error): NotAnExport {
  if (/end of central directory/i.test(error.message)) {
    return new NotAnExport(
      `${file} is not a whole zip file: its end is missing, as after a broken download. Fetch it again.`,
    );
  }
  if (/invalid relative path|absolute path|invalid characters in fileName/i.test(error.message)) {
    return new NotAnExport(
      `${file} is refused: a name in it leads out of the archive (${error.message}). It is no export of Slack's.`,
    );
  }
  return new NotAnExport(`${file} cannot be read as a zip file (${error.message}).`);
}
