/**
 * Cuts a text that is longer than a message may be into several, at a line end or a space near the limit where
 * there is one, never inside a mention or a surrogate pair. Joined again, the parts are the text.
 */
import type { StoredMention } from '../../chat/log/entries.ts';
import { isHighSurrogate } from './handles.ts';

export interface TextPart {
  readonly text: string;
  readonly mentions: readonly StoredMention[];
}

export function cutText(
  text: string,
  mentions: readonly StoredMention[],
  limit: number,
): readonly [TextPart, ...TextPart[]] {
  if (text.length <= limit) return [{ text, mentions }];
  const parts: TextPart[] = [];
  let from = 0;
  while (from < text.length) {
    const to = endOfPart(text, mentions, from, limit);
    parts.push({
      text: text.slice(from, to),
      mentions: mentions
        .filter((m) => m.start >= from && m.start + m.length <= to)
        .map((m) => ({ ...m, start: m.start - from })),
    });
    from = to;
  }
  const [first, ...rest] = parts;
  if (first === undefined) throw new Error('a text over the limit has parts');
  return [first, ...rest];
}

function endOfPart(text: string, mentions: readonly StoredMention[], from: number, limit: number): number {
  const most = from + limit;
  if (most >= text.length) return text.length;
  // Only in the last quarter, so that a text of many line ends does not fall into crumbs.
  const earliest = from + Math.ceil(limit * 0.75);
  const line = text.lastIndexOf('\n', most - 1) + 1;
  const space = text.lastIndexOf(' ', most - 1) + 1;
  const wish = line > earliest ? line : space > earliest ? space : most;
  const cutMention = mentions.find((m) => m.start < wish && wish < m.start + m.length);
  if (cutMention !== undefined && cutMention.start > from) return cutMention.start;
  return isHighSurrogate(text, wish - 1) && wish - 1 > from ? wish - 1 : wish;
}
