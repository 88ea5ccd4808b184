/** A token as clients write it: `Bearer TOKEN` or bare; an empty one is none. */

/** Null when there is none. What is not text at all comes back as a token that cannot be valid. */
export function bearerToken(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string') return 'not text';
  const token = value
    .trim()
    .replace(/^bearer(?:\s+|$)/i, '')
    .trim();
  return token === '' ? null : token;
}

/** The token among headers or parameters, whatever the case of the name. */
export function authorizationIn(fields: unknown): string | null {
  if (typeof fields !== 'object' || fields === null) return null;
  for (const [name, value] of Object.entries(fields)) {
    if (name.toLowerCase() === 'authorization') return bearerToken(value);
  }
  return null;
}
