/** What a message may carry. Checked before anything is read or written. */
import { badInput } from '../errors.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import { limits } from '../limits.ts';

/** Levels of nesting in metadata: far more than blocks and attachments need, far less than harms a reader's stack. */
const METADATA_DEPTH = 32;

/**
 * Refuses what cannot be kept exactly as it came. Lone surrogates have no UTF-8 form, and a NUL ends a string in
 * some of the programs a text passes through: both are refused, so that what is read is what was sent.
 */
export function checkText(text: string): void {
  if (text.length === 0) throw badInput('The text is empty.');
  if (text.length > limits.textUnits) {
    throw badInput(`The text is longer than ${limits.textUnits} UTF-16 code units.`);
  }
  if (!text.isWellFormed()) throw badInput('The text holds half of a surrogate pair: not valid Unicode.');
  if (text.includes('\0')) throw badInput('The text holds the character U+0000.');
}

function isDeeper(value: JsonValue, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  return Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}

/** Size of the metadata as JSON, in bytes; 0 for none. Throws BAD_USER_INPUT when it is over its limits. */
export const checkMetadata = (metadata: JsonObject | null): number =>
  checkJson('metadata', metadata, limits.metadataBytes);

/** The same for what else a client hands over to be handed on. @param what it is, in the client's words. */
export function checkJson(what: string, json: JsonObject | null, mostBytes: number): number {
  if (json === null) return 0;
  if (isDeeper(json, METADATA_DEPTH)) {
    throw badInput(`The ${what} is nested deeper than ${METADATA_DEPTH} levels.`);
  }
  const bytes = Buffer.byteLength(JSON.stringify(json));
  if (bytes > mostBytes) throw badInput(`The ${what} is ${bytes} bytes as JSON; at most ${mostBytes}.`);
  return bytes;
}
