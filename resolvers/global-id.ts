/**
 * Global ids: base64url of `Type:key`, opaque to clients. They grant nothing: whoever hands one in is checked as if
 * they had guessed it.
 */
import { toBase64url } from '../src/chat/base64url.ts';
import { badInput } from '../src/chat/errors.ts';
import { isUuid } from '../src/chat/ids.ts';
import type { MessageRef } from '../src/chat/messages/messages.ts';

export type IdType =
  | 'Organization'
  | 'User'
  | 'Viewer'
  | 'Channel'
  | 'ChannelMember'
  | 'Membership'
  | 'Message'
  | 'Notification'
  | 'Reaction';

export interface GlobalId {
  readonly type: string;
  readonly key: string;
}

const FORM = /^([A-Za-z]{1,40}):([0-9a-f:-]{1,80})$/;
const MAX_LENGTH = 200;

export const encodeId = (type: string, key: string): string => toBase64url(`${type}:${key}`);

/** Ids that came lately: clients send the same few channels' for ever. What an id says is the same for everybody. */
const decoded = new Map<string, GlobalId>();
const MOST_DECODED = 10_000;

/** Throws BAD_USER_INPUT for what this server cannot have made. */
export function decodeId(id: string): GlobalId {
  const known = decoded.get(id);
  if (known !== undefined) return known;
  const text = id.length <= MAX_LENGTH ? Buffer.from(id, 'base64url').toString('latin1') : '';
  const match = FORM.exec(text);
  const found = match?.[1] && match[2] ? { type: match[1], key: match[2] } : null;
  const spelled = found && encodeId(found.type, found.key);
  // One thing has one id: another spelling of the same bytes is refused.
  if (found === null || spelled !== id) {
    throw badInput('This is not an id of this server. Pass an id exactly as the server gave it.');
  }
  // All at once: keeping the order in which they came costs more than decoding them again.
  if (decoded.size >= MOST_DECODED) decoded.clear();
  // The one that was spelled here: what came may be a piece of a whole document, and would hold it.
  decoded.set(spelled, found);
  return found;
}

/** The UUID in an id of this type. Throws BAD_USER_INPUT for a malformed id and for one of another type. */
export function uuidOf(type: Exclude<IdType, 'Message' | 'Notification' | 'Reaction'>, id: string): string {
  const { type: its, key } = decodeId(id);
  if (its !== type || !isUuid(key)) throw badInput(`This is not the id of a ${type}.`);
  return key;
}

export const messageKey = ({ channelId, seq }: MessageRef): string => `${channelId}:${seq}`;

/** The place that a message's key names. Throws BAD_USER_INPUT. */
export function messageRefOf(key: string): MessageRef {
  const [channelId = '', number = '', ...rest] = key.split(':');
  const seq = Number(number);
  const isNumber = /^[1-9][0-9]{0,9}$/.test(number) && seq <= 2_147_483_647;
  if (!isUuid(channelId) || !isNumber || rest.length > 0) throw badInput('This is not the id of a Message.');
  return { channelId, seq };
}

/** The place that the id of a Message names. Throws BAD_USER_INPUT for a malformed id and for one of another type. */
export function refOf(id: string): MessageRef {
  const { type, key } = decodeId(id);
  if (type !== 'Message') throw badInput('This is not the id of a Message.');
  return messageRefOf(key);
}

/** Emoji are no part of the plain alphabet that ids are made of: they stand in it as hexadecimal UTF-8. */
export const reactionKey = (reaction: MessageRef & { readonly emoji: string }): string =>
  `${messageKey(reaction)}:${Buffer.from(reaction.emoji).toString('hex')}`;
