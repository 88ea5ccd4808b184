/** The search word of a list: optional, short, and something a database can take. */
import { badInput } from '../../src/chat/errors.ts';

const MAX_UNITS = 80;

/** Null when nothing is searched for. */
export function searchWord(search: string | null | undefined): string | null {
  const word = (search ?? '').trim();
  if (word.length > MAX_UNITS) throw badInput(`\`search\` is at most ${MAX_UNITS} UTF-16 code units.`);
  if (!word.isWellFormed() || /\p{Cc}/u.test(word)) throw badInput('`search` holds what is no text.');
  return word === '' ? null : word;
}
