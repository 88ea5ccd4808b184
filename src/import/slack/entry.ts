/** One message of the export as entries of the log: one, or several when its text is over the limit. */
import type { JsonObject } from '../../chat/json.ts';
import { limits } from '../../chat/limits.ts';
import type { MessageEntry } from '../../chat/log/entries.ts';
import { cutText } from './cut.ts';
import { clientMessageIdOf } from './ids.ts';
import { madeText } from './made-text.ts';
import type { ExportedMessage } from './message-stream.ts';
import { slackMetadata } from './metadata.ts';
import type { Person } from './people.ts';
import type { Counted } from './tally.ts';
import { type Directory, plainText } from './text.ts';
import { tsMillis } from './times.ts';

export interface ImportedEntry {
  readonly entry: MessageEntry;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** What to count once it is saved. */
  readonly counts: readonly Counted[];
}

export interface EntryContext {
  readonly channelId: string;
  readonly directory: Directory;
  readonly author: Person;
  readonly authorIsListed: boolean;
  readonly now: number;
}

export function entriesOf(exported: ExportedMessage, context: EntryContext): readonly ImportedEntry[] {
  const { message, raw } = exported;
  const hasText = (message.text ?? '').trim() !== '';
  const plain = plainText(hasText ? (message.text ?? '') : madeText(raw), context.directory);
  // Markup can stand for nothing ("< >"), and an empty text means "deleted" to a reader.
  const isEmpty = plain.text.trim() === '';
  const parts = cutText(isEmpty ? '(no text)' : plain.text, plain.mentions, limits.textUnits);
  const sentAt = tsMillis(message.ts);

  const counts = countsOf(raw);
  if (!hasText || isEmpty) counts.push('madeTexts');
  if (parts.length > 1) counts.push('cutTexts');
  if (!context.authorIsListed) counts.push('strangers');
  if (sentAt > context.now) counts.push('futureTimes');
  for (let n = 0; n < plain.unknownMentions; n += 1) counts.push('unknownMentions');

  const own: JsonObject = {
    ts: message.ts,
    ...(hasText ? {} : { hasNoText: true }),
    ...(context.authorIsListed || !message.user ? {} : { user: message.user }),
  };
  const extras = slackMetadata(raw, parts.length > 1 ? { ...own, part: 1, parts: parts.length } : own);
  if (extras.trimmed.length > 0) counts.push('trimmedMetadata');

  return parts.map((part, i) => ({
    entry: {
      authorId: context.author.id,
      clientMessageId: clientMessageIdOf(context.channelId, message.ts, i + 1),
      text: part.text,
      metadata: i === 0 ? extras.metadata : { slack: { ts: message.ts, part: i + 1, parts: parts.length } },
      mentions: part.mentions,
    },
    // A time ahead of the clock would hold back the time of everything said after it.
    at: Math.min(sentAt, context.now),
    counts: i === 0 ? counts : [],
  }));
}

function countsOf(raw: Readonly<Record<string, unknown>>): Counted[] {
  const counts: Counted[] = [];
  const holds = (field: string): boolean => Array.isArray(raw[field]) && raw[field].length > 0;
  if (holds('reactions')) counts.push('reactions');
  if (holds('files')) counts.push('files');
  if (typeof raw.thread_ts === 'string' && raw.thread_ts !== raw.ts) counts.push('replies');
  if (raw.edited) counts.push('edits');
  if (holds('attachments')) counts.push('attachments');
  if (holds('blocks')) counts.push('blocks');
  if (typeof raw.subtype === 'string') counts.push('subtypes');
  return counts;
}

/**
 * True for an entry that an import of this channel made: what it says of its place in the export agrees with the
 * name of the send, which is derived from it.
 */
export function isImported(channelId: string, entry: MessageEntry): boolean {
  const slack = entry.metadata?.slack;
  if (typeof slack !== 'object' || slack === null || Array.isArray(slack)) return false;
  const { ts, part } = slack as JsonObject; // narrowed above: neither null nor a list
  if (typeof ts !== 'string') return false;
  return clientMessageIdOf(channelId, ts, typeof part === 'number' ? part : 1) === entry.clientMessageId;
}
