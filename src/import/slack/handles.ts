/** Slack's names fitted to this server's: handles of `[a-z0-9._-]`, 1 to 40, and names of bounded length. */
import { limits } from '../../chat/limits.ts';

const HANDLE_UNITS = 40;
/** `@channel` and `@here` name groups, never a person. */
const GROUPS: ReadonlySet<string> = new Set(['channel', 'here']);

/** Cuts at a code point, so that no surrogate pair is torn. */
export function cutUnits(text: string, units: number): string {
  if (text.length <= units) return text;
  const end = isHighSurrogate(text, units - 1) ? units - 1 : units;
  return text.slice(0, end);
}

/** True when the unit at this offset is the first half of a pair. */
export const isHighSurrogate = (text: string, at: number): boolean => {
  const unit = text.charCodeAt(at);
  return unit >= 0xd800 && unit <= 0xdbff;
};

/** Text that every store keeps as it is: no lone surrogates (UTF-8 has none), no NUL (Postgres refuses it). */
export const storable = (text: string): string => text.toWellFormed().replaceAll('\u0000', '\ufffd');

/** A handle as near to the wish as the rule allows; `fallback` (itself a handle) when nothing of it is left. */
export function handleFrom(wish: string, fallback: string): string {
  const plain = wish
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[._-]+/, '')
    .slice(0, HANDLE_UNITS)
    .replace(/[.-]+$/, '');
  return plain === '' || GROUPS.has(plain) ? fallback : plain;
}

/** The handle with a number after it, still within the rule. */
export const numberedHandle = (handle: string, n: number): string =>
  `${handle.slice(0, HANDLE_UNITS - String(n).length - 1)}-${n}`;

/** The first of the wishes that is not blank, as a display name. */
export function nameFrom(...wishes: readonly (string | null | undefined)[]): string {
  const wish = wishes.find((w) => typeof w === 'string' && w.trim() !== '') ?? 'Unnamed';
  return cutUnits(storable(wish.trim()), limits.nameUnits);
}
