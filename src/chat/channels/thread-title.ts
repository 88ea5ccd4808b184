/** What a thread is called: the first words of the message it answers. */

const UNITS = 60;

/** What to show when there are no words: the root was deleted, or the message store does not answer. */
export const UNTITLED_THREAD = 'Thread';

/** @param text of the root, as it is now; null when it cannot be told. */
export function threadTitle(text: string | null): string {
  const line = (text ?? '').replaceAll(/\s+/gu, ' ').trim();
  if (line === '') return UNTITLED_THREAD;
  if (line.length <= UNITS) return line;
  // One more than fits, so that a word which ends just there is kept whole.
  const cut = line.slice(0, UNITS);
  const end = line.slice(0, UNITS + 1).lastIndexOf(' ');
  // A long first word is cut within, and never through the middle of a character.
  const words = end > 0 ? cut.slice(0, end) : cut.isWellFormed() ? cut : cut.slice(0, -1);
  return `${words}…`;
}
