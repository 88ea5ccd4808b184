/** One message of the export as entries of the log: one, or several when its text is over the limit. */
import type { JsonObject } from '../../chat/json.ts';
import { limits } from '../../chat/limits.ts';
import type { MessageContent, MessageEntry } from '../../chat/log/entries.ts';
import { cutText, type TextPart } from './cut.ts';
import { clientMessageIdOf } from './ids.ts';
import { madeText } from './made-text.ts';
import { slackMetadata } from './metadata.ts';
import type { Person } from './people.ts';
import type { ExportedMessage } from './stage.ts';
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

export interface ImportedMessage {
  /** Its parts; one, nearly always. */
  readonly entries: readonly [ImportedEntry, ...ImportedEntry[]];
  /** What an edit made of the first part: the text is all that Slack keeps, so it only adds who edited and when. */
  readonly edited: MessageContent | null;
}

export interface EntryContext {
  /** The log it goes to: the conversation's, or its thread's. */
  readonly channelId: string;
  /** True for a reply that stands outside its thread, because the export does not hold the root. */
  readonly isOrphan: boolean;
  readonly directory: Directory;
  readonly author: Person;
  readonly authorIsListed: boolean;
  readonly now: number;
}

export function importedMessage(exported: ExportedMessage, context: EntryContext): ImportedMessage {
  const { message, raw } = exported;
  const hasText = (message.text ?? '').trim() !== '';
  const plain = plainText(hasText ? (message.text ?? '') : madeText(raw), context.directory);
  // Markup can stand for nothing ("< >"), and an empty text means "deleted" to a reader.
  const isEmpty = plain.text.trim() === '';
  const parts = cutText(isEmpty ? '(no text)' : plain.text, plain.mentions, limits.textUnits);
  const sentAt = tsMillis(message.ts);

  const counts = countsOf(exported);
  if (!hasText || isEmpty) counts.push('madeTexts');
  if (parts.length > 1) counts.push('cutTexts');
  if (!context.authorIsListed) counts.push('strangers');
  if (context.isOrphan && message.thread_ts) counts.push('orphans');
  if (sentAt > context.now) counts.push('futureTimes');
  for (let n = 0; n < plain.unknownMentions; n += 1) counts.push('unknownMentions');

  const own: JsonObject = {
    ts: message.ts,
    ...(hasText ? {} : { hasNoText: true }),
    ...(context.authorIsListed || !message.user ? {} : { user: message.user }),
    ...(context.isOrphan && message.thread_ts ? { thread_ts: message.thread_ts } : {}),
  };
  const numbered = parts.length > 1 ? { ...own, part: 1, parts: parts.length } : own;
  const extras = slackMetadata(raw, numbered);
  if (extras.trimmed.length > 0) counts.push('trimmedMetadata');
  const { edited } = message;

  const entryOf = (part: TextPart, i: number, metadata: JsonObject): ImportedEntry => ({
    entry: {
      authorId: context.author.id,
      clientMessageId: clientMessageIdOf(context.channelId, message.ts, i + 1),
      text: part.text,
      metadata,
      mentions: part.mentions,
    },
    // A time ahead of the clock would hold back the time of everything said after it.
    at: Math.min(sentAt, context.now),
    counts: i === 0 ? counts : [],
  });
  const [first, ...rest] = parts;
  const further = rest.map((part, i) =>
    entryOf(part, i + 1, { slack: { ts: message.ts, part: i + 2, parts: parts.length } }),
  );
  return {
    entries: [entryOf(first, 0, extras.metadata), ...further],
    edited: edited
      ? {
          ...first,
          metadata: slackMetadata(raw, {
            ...numbered,
            edited: { ts: edited.ts, ...(edited.user ? { user: edited.user } : {}) },
          }).metadata,
        }
      : null,
  };
}

/** Subtypes that say nothing but where the message stands. */
const ORDINARY: ReadonlySet<string> = new Set(['thread_broadcast', 'tombstone', 'me_message']);

function countsOf({ raw, message }: ExportedMessage): Counted[] {
  const counts: Counted[] = [];
  const holds = (field: string): boolean => Array.isArray(raw[field]) && raw[field].length > 0;
  if (holds('files')) counts.push('files');
  if (holds('attachments')) counts.push('attachments');
  if (holds('blocks')) counts.push('blocks');
  if (message.subtype === 'thread_broadcast') counts.push('broadcasts');
  if (message.subtype === 'huddle_thread' || raw.room) counts.push('huddles');
  else if (message.subtype && !ORDINARY.has(message.subtype)) counts.push('subtypes');
  return counts;
}
