/** What someone may react with: one Unicode emoji, or the name of one between colons. */
import { badInput } from '../errors.ts';

/** One emoji as Unicode recommends it for interchange: skin tones, flags, keycaps, families and all. */
const UNICODE = /^\p{RGI_Emoji}$/v;
/** `:name:`, and its form with a skin tone, `:name::skin-tone-3:`. */
const NAMED = /^:[a-z0-9_+-]{1,64}:(?::skin-tone-[2-6]:)?$/;
/** Asks for the colourful form of a character that has a plain one too. */
const EMOJI_STYLE = '\ufe0f';

/**
 * The emoji in the one spelling that is kept: a heart typed without its style mark is the same reaction as one with it.
 * Throws BAD_USER_INPUT for whatever is no emoji.
 */
export function checkEmoji(emoji: string): string {
  for (const spelling of [emoji, `${emoji}${EMOJI_STYLE}`]) {
    if (UNICODE.test(spelling)) return spelling;
  }
  if (NAMED.test(emoji)) return emoji;
  throw badInput('Not an emoji: give one Unicode emoji, or its name as `:name:`.');
}
