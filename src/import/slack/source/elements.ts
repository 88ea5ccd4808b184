/**
 * The elements of a JSON list, one at a time, however long the list: only the element under way is in memory. The
 * bounds of an element are found by counting brackets outside strings; JSON.parse judges what lies between them.
 */
import { UnreadableFile } from './source.ts';

/** A message of Slack's has at most 40,000 characters; with blocks and files it is far below this. */
const LARGEST_ELEMENT = 16 * 1024 * 1024;

export interface Element {
  readonly value: unknown;
  /** As it stands in the file. */
  readonly json: string;
}

const [QUOTE, BACKSLASH, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT, COMMA, NEWLINE] = Buffer.from(
  '"\\[]{},\n',
) as unknown as [number, number, number, number, number, number, number, number]; // eight ASCII bytes
const isSpace = (byte: number): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

/** Throws UnreadableFile, with the line, when the file is no list of JSON; elements before that have been given. */
export async function* elements(path: string, bytes: AsyncIterable<Buffer>): AsyncGenerator<Element> {
  const cutter = new Cutter(path);
  for await (const chunk of bytes) yield* cutter.push(chunk);
  cutter.end();
}

type Place = 'BEFORE' | 'FIRST' | 'ELEMENT' | 'NEXT' | 'AFTER';

class Cutter {
  readonly #path: string;
  /** Where in the list: before its bracket, before a first element, in one, before a further one, behind the list. */
  #place: Place = 'BEFORE';
  #depth = 0;
  #isInString = false;
  #isEscaped = false;
  #line = 1;
  #count = 0;
  #elementLine = 1;
  /** The element under way, as far as earlier chunks held it. */
  #held: Buffer[] = [];
  #heldBytes = 0;
  #isFirstByte = true;

  constructor(path: string) {
    this.#path = path;
  }

  *push(chunk: Buffer): Generator<Element> {
    let from = 0;
    for (let i = this.#isFirstByte ? this.#markLength(chunk) : 0; i < chunk.length; i += 1) {
      const byte = chunk[i] as number; // i is within the chunk
      if (byte === NEWLINE) this.#line += 1;
      if (this.#isInString) {
        if (this.#isEscaped) this.#isEscaped = false;
        else if (byte === BACKSLASH) this.#isEscaped = true;
        else if (byte === QUOTE) this.#isInString = false;
        continue;
      }
      if (this.#place === 'ELEMENT') {
        if (byte === QUOTE) this.#isInString = true;
        else if (byte === OPEN_OBJECT || byte === OPEN_LIST) this.#depth += 1;
        else if (this.#depth > 0 && (byte === CLOSE_OBJECT || byte === CLOSE_LIST)) this.#depth -= 1;
        else if (this.#depth === 0 && (byte === COMMA || byte === CLOSE_LIST)) {
          yield this.#element(chunk.subarray(from, i));
          this.#place = byte === COMMA ? 'NEXT' : 'AFTER';
        }
        continue;
      }
      if (isSpace(byte)) continue;
      from = this.#between(byte, i) ?? from;
    }
    if (this.#place === 'ELEMENT') this.#hold(chunk.subarray(from));
  }

  end(): void {
    if (this.#place === 'AFTER') return;
    if (this.#place === 'BEFORE') throw new UnreadableFile(this.#path, 'is empty');
    throw this.#broken('the file ends in the middle: it was cut short');
  }

  /** Bytes of a byte order mark at the very beginning. */
  #markLength(chunk: Buffer): number {
    this.#isFirstByte = false;
    return chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf ? 3 : 0;
  }

  /** A byte outside all elements. Answers where an element begins, when it does. */
  #between(byte: number, at: number): number | null {
    if (this.#place === 'BEFORE') {
      if (byte !== OPEN_LIST) throw new UnreadableFile(this.#path, 'is not a list');
      this.#place = 'FIRST';
      return null;
    }
    if (this.#place === 'AFTER') throw this.#broken('something follows the end of the list');
    if (this.#place === 'FIRST' && byte === CLOSE_LIST) {
      this.#place = 'AFTER';
      return null;
    }
    if (byte === COMMA || byte === CLOSE_LIST) throw this.#broken('an entry is missing');
    this.#place = 'ELEMENT';
    this.#elementLine = this.#line;
    if (byte === QUOTE) this.#isInString = true;
    else if (byte === OPEN_OBJECT || byte === OPEN_LIST) this.#depth = 1;
    return at;
  }

  #hold(bytes: Buffer): void {
    this.#heldBytes += bytes.length;
    if (this.#heldBytes > LARGEST_ELEMENT) {
      this.#line = this.#elementLine;
      throw this.#broken(`an entry is larger than ${LARGEST_ELEMENT >> 20} MiB`);
    }
    this.#held.push(bytes);
  }

  #element(rest: Buffer): Element {
    this.#hold(rest);
    const json = Buffer.concat(this.#held, this.#heldBytes).toString('utf8');
    this.#held = [];
    this.#heldBytes = 0;
    this.#count += 1;
    try {
      return { value: JSON.parse(json) as unknown, json };
    } catch {
      this.#line = this.#elementLine;
      this.#count -= 1;
      throw this.#broken('what begins here is not valid JSON');
    }
  }

  #broken(why: string): UnreadableFile {
    return new UnreadableFile(this.#path, `line ${this.#line} (entry ${this.#count + 1}): ${why}`);
  }
}
