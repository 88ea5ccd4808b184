/**
 * How names are compared: by a key made here, not by the database, so that order and search are the same on every
 * Postgres and on PGlite whatever their locales.
 */
import { type RawBuilder, sql } from 'kysely';

/** Long enough to sort by, short enough for an index entry (2,704 bytes). */
const KEY_UNITS = 200;

/** Lower case, without accents, words parted by single spaces: `Ada-Maria  Élodie` becomes `ada maria elodie`. */
export const nameKey = (name: string): string =>
  name
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase()
    .split(/[\s\p{P}]+/u)
    .filter((word) => word !== '')
    .join(' ')
    .slice(0, KEY_UNITS)
    .toWellFormed();

const escaped = (text: string): string => text.replace(/[\\%_]/g, '\\$&');

/**
 * Condition on columns `handle` and `name_key`: the handle, or any word of the name, begins with the search. Null when
 * the search is empty. A leading `@` or `#` is taken for what people type before a handle.
 */
export function searchCondition(search: string | undefined): RawBuilder<boolean> | null {
  const text = (search ?? '').trim().replace(/^[@#]/, '');
  if (text === '') return null;
  const handle = `${escaped(text.toLowerCase())}%`;
  const words = nameKey(text);
  return words === ''
    ? sql<boolean>`handle like ${handle}`
    : sql<boolean>`(handle like ${handle} or (' ' || name_key) like ${`% ${escaped(words)}%`})`;
}
