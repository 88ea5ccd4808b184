/**
 * From a token to its claims. HS256 is pinned, `exp` is required, and `exp` is exact: requests and sockets end at
 * the same moment. Only `nbf` has some tolerance, for an issuer whose clock runs ahead.
 */
import { decodeProtectedHeader, errors, jwtVerify } from 'jose';
import type { Clock } from '../chat/clock.ts';
import { ChatError, unauthenticated } from '../chat/errors.ts';
import type { AuthConfig } from '../config/config.ts';
import { type Claims, claimsModel } from './claims.ts';
import { DEV_ISSUER } from './sign.ts';

const TOLERANCE_SECONDS = 5;
const MAX_CHARACTERS = 8_192;

export type VerifyToken = (token: string) => Promise<Claims>;

/**
 * @param devKey the installation's own key in dev mode, else null.
 * @returns a function that throws ChatError UNAUTHENTICATED with what is wrong, never with the token itself.
 */
export function tokenVerifier(auth: AuthConfig, devKey: Uint8Array | null, clock: Clock): VerifyToken {
  const secret = auth.jwtSecret === null ? null : new TextEncoder().encode(auth.jwtSecret);
  const issued = {
    ...(auth.issuer === null ? {} : { issuer: auth.issuer }),
    ...(auth.audience === null ? {} : { audience: auth.audience }),
  };
  return async (token) => {
    const now = clock.now();
    try {
      if (token.length > MAX_CHARACTERS) throw unauthenticated('The token is too long.');
      const isDev = devKey !== null && decodeProtectedHeader(token).kid === DEV_ISSUER;
      const key = isDev ? devKey : secret;
      if (key === null) throw unauthenticated('The token was not signed by this server.');
      const { payload } = await jwtVerify(token, key, {
        algorithms: ['HS256'],
        requiredClaims: ['exp', 'sub', 'org'],
        clockTolerance: TOLERANCE_SECONDS,
        currentDate: new Date(now),
        ...(isDev ? { issuer: DEV_ISSUER } : issued),
      });
      const claims = claimsModel.safeParse(payload);
      if (!claims.success) {
        const names = [...new Set(claims.error.issues.map((issue) => issue.path[0]))].join(', ');
        throw unauthenticated(`The token's claims cannot be used: ${names}.`);
      }
      if (claims.data.expiresAt <= now) throw expired();
      return claims.data;
    } catch (error) {
      throw refusal(error);
    }
  };
}

const expired = () => unauthenticated('The token has expired. Sign in again.');

function refusal(error: unknown): unknown {
  if (error instanceof ChatError) return error;
  if (error instanceof errors.JWTExpired) return expired();
  if (error instanceof errors.JWTClaimValidationFailed) {
    return unauthenticated(`The token is not for this server: claim "${error.claim}" is ${error.reason}.`);
  }
  if (error instanceof errors.JOSEError || error instanceof TypeError) {
    return unauthenticated('The token is not a JWT that this server can verify.');
  }
  return error;
}
