/** Channel handles and names: what is allowed, and how a handle is made from a name. */
import { randomBytes } from 'node:crypto';
import { badInput } from '../errors.ts';
import { limits } from '../limits.ts';
import { checkLine } from '../line.ts';

const HANDLE = /^[a-z0-9._-]{1,80}$/;
const MAX_HANDLE = 80;
/** Numbered suffixes tried before a random one. */
const NUMBERED = 5;

export function checkHandle(handle: string): string {
  if (!HANDLE.test(handle)) {
    throw badInput('A channel handle is 1 to 80 of the characters a-z, 0-9, dot, underscore and dash.');
  }
  return handle;
}

export const checkName = (name: string): string => checkLine('name', name, limits.nameUnits, false);

/** A topic may be empty, and have several lines, which end in a plain line feed. */
export function checkTopic(topic: string): string {
  const lines = topic.replaceAll(/\r\n?/g, '\n').trim();
  checkLine('topic', lines.replaceAll(/[\n\t]/g, ' '), limits.topicUnits, true);
  return lines;
}

/** A handle that says the name: `Ünï Café!` becomes `uni-cafe`. */
export function handleOf(name: string): string {
  const plain = name
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9._]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, MAX_HANDLE)
    .replace(/-+$/, '');
  return plain === '' ? 'channel' : plain;
}

const suffixed = (base: string, suffix: string): string =>
  `${base.slice(0, MAX_HANDLE - suffix.length - 1)}-${suffix}`;

/** Handles to try for a name, in order: the plain one, numbered ones, and one that cannot be taken. */
export function handlesFor(name: string): readonly string[] {
  const base = handleOf(name);
  const numbered = Array.from({ length: NUMBERED }, (_, i) => suffixed(base, String(i + 2)));
  return [base, ...numbered, suffixed(base, randomBytes(4).toString('hex'))];
}
