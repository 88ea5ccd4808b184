/**
 * Slack's message text as plain text. Slack escapes `&`, `<` and `>` and writes everything special between angle
 * brackets: people, channels, groups, dates and links. Here those become what a reader sees, and each mention is
 * noted with the person behind it, so that a later change of handle does no harm.
 */
import type { StoredMention } from '../../chat/log/entries.ts';
import { storable } from './handles.ts';

/** Whom and what a text may name. */
export interface Directory {
  /** The person of a Slack user id; null for one who is not in the export. */
  person(slackUserId: string): { readonly id: string; readonly handle: string } | null;
  /** Handle of the channel of a Slack channel id; null for one that is not in the export. */
  channelHandle(slackChannelId: string): string | null;
}

export interface PlainText {
  readonly text: string;
  readonly mentions: readonly StoredMention[];
  /** How many times somebody was named who is not in the export, or beyond the bound on mentions. */
  readonly unknownMentions: number;
}

/** More people than this in one message stay as text: mentions are stored beside the text and have to be bounded. */
export const MENTIONS_KEPT = 200;

const SPECIAL = /<([^<>]+)>|&(amp|lt|gt);/g;
const SCHEME = /^[a-z][a-z0-9+.-]*:(\/\/)?/i;
const entity: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>' };

const unescaped = (text: string): string => text.replace(/&(amp|lt|gt);/g, (_, name) => entity[name] ?? '');

export function plainText(slackText: string, directory: Directory): PlainText {
  const source = storable(slackText);
  const mentions: StoredMention[] = [];
  let text = '';
  let unknownMentions = 0;
  let at = 0;
  for (const match of source.matchAll(SPECIAL)) {
    text += source.slice(at, match.index);
    at = match.index + match[0].length;
    const piece =
      match[1] === undefined ? { shown: entity[match[2] ?? ''] ?? '' } : shownAs(match[1], directory);
    if (piece.mention !== undefined) {
      const place = { start: text.length, length: piece.shown.length };
      if (piece.mention === null || mentions.length >= MENTIONS_KEPT) unknownMentions += 1;
      else mentions.push({ ...piece.mention, ...place });
    }
    text += piece.shown;
  }
  return { text: text + source.slice(at), mentions, unknownMentions };
}

interface Piece {
  readonly shown: string;
  /** Null: somebody is named, but nobody of the export. */
  readonly mention?: Omit<StoredMention, 'start' | 'length'> | null;
}

/** What stands between angle brackets, as a reader sees it. */
function shownAs(inside: string, directory: Directory): Piece {
  const bar = inside.indexOf('|');
  const target = bar < 0 ? inside : inside.slice(0, bar);
  const label = bar < 0 ? '' : unescaped(inside.slice(bar + 1));
  const name = target.slice(1);
  if (target.startsWith('@')) {
    const person = directory.person(name);
    if (person !== null) return { shown: `@${person.handle}`, mention: { kind: 'USER', userId: person.id } };
    return { shown: withSign('@', label || name), mention: null };
  }
  if (target.startsWith('#')) {
    return { shown: withSign('#', directory.channelHandle(name) ?? (label || name)) };
  }
  if (target.startsWith('!')) return command(name, label);
  if (SCHEME.test(target)) return { shown: link(unescaped(target), label) };
  // No markup of Slack's: somebody else's unescaped angle brackets.
  return { shown: unescaped(`<${inside}>`) };
}

const withSign = (sign: '@' | '#', name: string): string => (name.startsWith(sign) ? name : sign + name);

/** `<!channel>` and the like; groups and dates show their label. */
function command(name: string, label: string): Piece {
  if (name === 'here') return { shown: '@here', mention: { kind: 'HERE' } };
  if (name === 'channel' || name === 'everyone') return { shown: '@channel', mention: { kind: 'CHANNEL' } };
  if (name.startsWith('subteam^')) {
    return { shown: withSign('@', label || name.slice('subteam^'.length)), mention: null };
  }
  return { shown: label || unescaped(name) };
}

/** A link that only repeats its address (Slack adds the scheme to what people type) shows it once. */
function link(address: string, label: string): string {
  if (label === '' || label === address) return address;
  const withoutScheme = address.replace(SCHEME, '');
  const isItself = label === withoutScheme || `${label}/` === withoutScheme;
  return isItself ? label : `${label} (${address})`;
}
