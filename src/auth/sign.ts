/** Makes tokens: in dev mode with the installation's own key, for operators with JWT_SECRET. */
import { SignJWT } from 'jose';
import type { AuthConfig } from '../config/config.ts';

/** `kid` and `iss` of tokens that the installation's own key signs. */
export const DEV_ISSUER = 'backscroll-dev';

export const DEV_TOKEN_MS = 24 * 3600 * 1000;

export interface SignedToken {
  readonly token: string;
  /** ISO 8601. */
  readonly expiresAt: string;
}

export interface Bearer {
  readonly organization: string;
  readonly subject: string;
  readonly handle: string;
}

/** A token that dev mode takes. */
export const signDevToken = (
  key: Uint8Array,
  bearer: Bearer,
  now: number,
  lifeMs: number = DEV_TOKEN_MS,
): Promise<SignedToken> => sign(key, { kid: DEV_ISSUER }, { iss: DEV_ISSUER }, bearer, now, lifeMs);

/** A token as the identity provider would make it, for an operator who has the secret. */
export const signWithSecret = (
  { issuer, audience }: AuthConfig,
  secret: string,
  bearer: Bearer,
  now: number,
  lifeMs: number,
): Promise<SignedToken> =>
  sign(
    new TextEncoder().encode(secret),
    {},
    { ...(issuer === null ? {} : { iss: issuer }), ...(audience === null ? {} : { aud: audience }) },
    bearer,
    now,
    lifeMs,
  );

async function sign(
  key: Uint8Array,
  header: { kid?: string },
  claims: { iss?: string; aud?: string },
  { organization, subject, handle }: Bearer,
  now: number,
  lifeMs: number,
): Promise<SignedToken> {
  const seconds = Math.floor(now / 1000);
  const end = seconds + Math.floor(lifeMs / 1000);
  const token = await new SignJWT({ ...claims, org: organization, handle })
    .setProtectedHeader({ alg: 'HS256', ...header })
    .setSubject(subject)
    .setIssuedAt(seconds)
    .setExpirationTime(end)
    .sign(key);
  return { token, expiresAt: new Date(end * 1000).toISOString() };
}
