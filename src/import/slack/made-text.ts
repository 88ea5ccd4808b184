/** A text for Slack messages that have none: a message here always says something, were it a file's name. */
import { storable } from './handles.ts';

type Raw = Readonly<Record<string, unknown>>;

const objects = (value: unknown): readonly Raw[] =>
  Array.isArray(value) ? value.filter((v): v is Raw => typeof v === 'object' && v !== null) : [];

const firstText = (...values: readonly unknown[]): string =>
  values.find((v): v is string => typeof v === 'string' && v.trim() !== '') ?? '';

/** In Slack's own markup, as far as attachments are concerned: the caller turns it into plain text. */
export function madeText(raw: Raw): string {
  const attachments = objects(raw.attachments).map((a) =>
    [firstText(a.pretext), firstText(a.title), firstText(a.text, a.fallback)]
      .filter((t) => t !== '')
      .join('\n'),
  );
  const files = objects(raw.files).map((f) => `[${escaped(firstText(f.title, f.name, f.id) || 'file')}]`);
  const lines = [...attachments, ...files].filter((line) => line !== '');
  return storable(lines.join('\n')).trim() || '(no text)';
}

/** Names of files are no markup. */
const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
