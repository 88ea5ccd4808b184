/**
 * Finds what belongs to the canary in what was said to somebody else: in plain text, and in ids and cursors, which are base64url of
 * what they name. What the listener had said themselves is no news to them.
 */

/** Long runs of what base64url is made of: ids and cursors, wherever they stand. */
const ENCODED = /[A-Za-z0-9_-]{16,}/g;

const unfolded = (text: string): string =>
  [text, ...(text.match(ENCODED) ?? []).map((one) => Buffer.from(one, 'base64url').toString('latin1'))]
    .join('\n')
    .toLowerCase();

/** Bytes that may be nowhere but in the canary's own hands. */
export class Needles {
  readonly #all: ReadonlySet<string>;
  constructor(all: Iterable<string>) {
    this.#all = new Set([...all].map((one) => one.toLowerCase()));
  }

  get size(): number {
    return this.#all.size;
  }

  /** @param asked all that the listener said before, whose echo tells them nothing. */
  in(said: string, asked = ''): string[] {
    const heard = unfolded(said);
    const found = [...this.#all].filter((needle) => heard.includes(needle));
    if (found.length === 0) return found;
    const known = unfolded(asked);
    return found.filter((needle) => !known.includes(needle));
  }
}
