/** Lines of text for people to read: names, topics. */
import { badInput } from './errors.ts';

/** Trimmed, and nothing in it that a database or a terminal cannot take. Throws BAD_USER_INPUT. */
export function checkLine(what: string, value: string, maxUnits: number, isEmptyAllowed: boolean): string {
  const line = value.trim();
  if (line === '' && !isEmptyAllowed) throw badInput(`The ${what} is empty.`);
  if (line.length > maxUnits) throw badInput(`The ${what} is longer than ${maxUnits} UTF-16 code units.`);
  if (!line.isWellFormed()) throw badInput(`The ${what} holds half of a surrogate pair: not valid Unicode.`);
  if (/\p{Cc}/u.test(line)) throw badInput(`The ${what} holds a control character.`);
  return line;
}
