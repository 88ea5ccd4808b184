/**
 * Text frames (RFC 6455, unmasked, as servers send them), made once and joined by the thousand. A frame is a string
 * with one character for each byte ("latin1"): joining such strings copies nothing until they are written, and Node
 * writes up to 16 KB of one from the stack. Measured on 500 sockets, twenty frames each: 3.7 µs a socket for user
 * code, beside 10.4 for buffers in a writev and 6.9 for copying into one buffer.
 */
import type { Rendered } from '../operation/outlet.ts';

const FIN_TEXT = '\x81';
const MAX_HEADS = 128;

/** The frame of a text. */
export function textFrame(text: string): string {
  const bytes = asBytes(text);
  return header(bytes.length) + bytes;
}

/** What ends each event's frame of one subscription; the same length for all ids of the same length. */
export const tailOf = (id: string): string => flat(`,"id":${asBytes(JSON.stringify(id))}}`);

/**
 * The frames of events without their tails: for one event the same string for everybody whose tail is as long.
 * Forgets all at each `clear`, so that nothing is kept for longer than a flush needs it.
 */
export class Heads {
  readonly #heads = new Map<Rendered, { readonly tailLength: number; readonly head: string }>();

  of(rendered: Rendered, tail: string): string {
    const known = this.#heads.get(rendered);
    if (known?.tailLength === tail.length) return known.head;
    const body = `{"type":"next","payload":${asBytes(rendered.json)}`;
    const head = flat(header(body.length + tail.length) + body);
    if (this.#heads.size >= MAX_HEADS) this.#heads.clear();
    this.#heads.set(rendered, { tailLength: tail.length, head });
    return head;
  }

  clear(): void {
    this.#heads.clear();
  }
}

/** The same text as one piece of memory: what is joined to others a thousand times is not walked each time. */
const flat = (bytes: string): string => Buffer.from(bytes, 'latin1').toString('latin1');

/** The text in UTF-8, one character a byte. Most texts are ASCII and stay as they are. */
const asBytes = (text: string): string =>
  Buffer.byteLength(text) === text.length ? text : Buffer.from(text).toString('latin1');

function header(length: number): string {
  if (length < 126) return FIN_TEXT + String.fromCharCode(length);
  if (length < 65_536) return `${FIN_TEXT}\x7e${String.fromCharCode(length >> 8, length & 255)}`;
  // Lengths of 4 GiB and more do not occur: no string is that long.
  const bytes = [length / 2 ** 24, length >> 16, length >> 8, length].map((n) => n & 255);
  return `${FIN_TEXT}\x7f\0\0\0\0${String.fromCharCode(...bytes)}`;
}
