/**
 * What a message of the benchmark bears in its text: which one it is, and when it was published. Of a fixed length, so
 * that a client finds it without parsing JSON: `~M0000042~0000123456789012~`, then filler up to the length asked for.
 */
import type { Kind } from './orders.ts';

const NUMBER_DIGITS = 7;
const TIME_DIGITS = 16;
const TILDE = 0x7e;
const ZERO = 0x30;
const BYTES = 1 + 1 + NUMBER_DIGITS + 1 + TIME_DIGITS + 1;

/** Of a clock that all processes of a machine share. */
export const nowMicros = (): number => Number(process.hrtime.bigint() / 1_000n);

export function markedText(kind: Kind, number: number, bytes: number): string {
  const mark = `~${kind}${digits(number, NUMBER_DIGITS)}~${digits(nowMicros(), TIME_DIGITS)}~`;
  return mark.padEnd(bytes, 'It costs next to nothing to tell one more person. ');
}

const digits = (value: number, count: number): string => String(value).padStart(count, '0');

/** Reads marks out of frames; remembers where the last one stood, since most frames of a run look alike. */
export class MarkReader {
  #offset = 0;
  kind = 0;
  number = 0;
  sentMicros = 0;

  /** False for a frame that bears no mark. */
  read(frame: Buffer, start: number, end: number): boolean {
    let at = start + this.#offset;
    if (!isMark(frame, at, end)) {
      at = frame.indexOf('~', start, 'latin1');
      while (at >= 0 && at < end && !isMark(frame, at, end)) at = frame.indexOf('~', at + 1, 'latin1');
      if (at < 0 || at >= end) return false;
      this.#offset = at - start;
    }
    this.kind = frame[at + 1] ?? 0;
    this.number = numberAt(frame, at + 2, NUMBER_DIGITS);
    this.sentMicros = numberAt(frame, at + 3 + NUMBER_DIGITS, TIME_DIGITS);
    return true;
  }
}

const isMark = (frame: Buffer, at: number, end: number): boolean =>
  at + BYTES <= end &&
  frame[at] === TILDE &&
  frame[at + 2 + NUMBER_DIGITS] === TILDE &&
  frame[at + BYTES - 1] === TILDE;

function numberAt(frame: Buffer, at: number, count: number): number {
  let value = 0;
  for (let i = at; i < at + count; i++) value = value * 10 + (frame[i] ?? ZERO) - ZERO;
  return value;
}

/** Reads the `"seq":N` of a frame; -1 where there is none. */
export class SeqReader {
  #offset = 0;

  read(frame: Buffer, start: number, end: number): number {
    let at = start + this.#offset;
    if (at + KEY.length >= end || frame.compare(KEY, 0, KEY.length, at, at + KEY.length) !== 0) {
      at = frame.indexOf(KEY, start);
      if (at < 0 || at >= end) return -1;
      this.#offset = at - start;
    }
    let value = 0;
    for (let i = at + KEY.length; i < end; i++) {
      const digit = (frame[i] ?? 0) - ZERO;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    return value;
  }
}

const KEY = Buffer.from('"seq":');
