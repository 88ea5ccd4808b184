/**
 * Cursors: opaque to clients, strict to us. An event cursor names a place in both logs of a channel and the epoch
 * of its numbering; a page cursor names a message's number. Neither grants anything: whoever uses one is checked as
 * if they had named the channel themselves.
 */
import { toBase64url } from '../base64url.ts';
import { badInput } from '../errors.ts';
import { isUuid } from '../ids.ts';

export interface EventCursor {
  readonly channelId: string;
  readonly epoch: number;
  /** Newest message this place includes; 0 for none. */
  readonly seq: number;
  /** Newest change this place includes; 0 for none. */
  readonly rev: number;
}

const EVENT = /^e1\.([0-9a-f-]{36})\.([0-9a-z]{1,10})\.([0-9a-z]{1,10})\.([0-9a-z]{1,10})$/;
const PAGE = /^p1\.([0-9a-f-]{36})\.([0-9a-z]{1,10})$/;

const digits = (n: number): string => n.toString(36);

function untoBase64url(cursor: string): string {
  // Both directions must agree, so that one place has one cursor and nothing is smuggled in unused bits.
  const text = cursor.length <= 120 ? Buffer.from(cursor, 'base64url').toString('latin1') : '';
  if (text === '' || toBase64url(text) !== cursor) throw notOurs();
  return text;
}

function number(text: string | undefined): number {
  const n = Number.parseInt(text ?? '', 36);
  if (!Number.isSafeInteger(n) || n.toString(36) !== text) throw notOurs();
  return n;
}

const notOurs = () =>
  badInput('This is not a cursor of this server. Pass a cursor exactly as the server gave it.');

export const encodeEventCursor = (c: EventCursor): string =>
  toBase64url(`e1.${c.channelId}.${digits(c.epoch)}.${digits(c.seq)}.${digits(c.rev)}`);

/** Throws BAD_USER_INPUT for anything that this server did not make. */
export function decodeEventCursor(cursor: string): EventCursor {
  const text = untoBase64url(cursor);
  if (PAGE.test(text)) {
    throw badInput('This is a cursor of a page: pass the cursor of an event, or the `position` of a page.');
  }
  const match = EVENT.exec(text);
  if (match?.[1] === undefined || !isUuid(match[1])) throw notOurs();
  return { channelId: match[1], epoch: number(match[2]), seq: number(match[3]), rev: number(match[4]) };
}

export const encodePageCursor = (channelId: string, seq: number): string =>
  toBase64url(`p1.${channelId}.${digits(seq)}`);

/**
 * The number a page continues from, of a page cursor or an event cursor of this channel.
 * Throws BAD_USER_INPUT for anything else, another channel's cursor too.
 */
export function decodePageCursor(cursor: string, channelId: string): number {
  const text = untoBase64url(cursor);
  const match = PAGE.exec(text);
  const place =
    match?.[1] !== undefined ? { channelId: match[1], seq: number(match[2]) } : decodeEventCursor(cursor);
  if (place.channelId !== channelId) throw badInput('This cursor is of another channel.');
  return place.seq;
}
