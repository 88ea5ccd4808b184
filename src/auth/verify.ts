/**
 * From a token to its claims. Which key a token is checked with follows from its algorithm alone, and for each kind of
 * key the algorithms are pinned: a public key is never taken for a secret, nor `none` for a signature. `exp` is required.
 * The clock of an identity provider may differ from this one's by 30 s, in `nbf` and `exp`; this server's own dev tokens
 * end to the moment. Sockets are ended at `exp` itself: they were told before.
 */
import {
  decodeProtectedHeader,
  errors,
  type JWTPayload,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
  jwtVerify,
} from 'jose';
import type { Clock } from '../chat/clock.ts';
import { ChatError, unauthenticated } from '../chat/errors.ts';
import type { AuthConfig } from '../config/config.ts';
import { type Claims, claimsModel } from './claims.ts';
import { DEV_ISSUER } from './sign.ts';

const TOLERANCE_SECONDS = 30;
const MAX_CHARACTERS = 8_192;

/** With JWT_SECRET. */
const SECRET_ALGORITHMS = ['HS256'];
/** With the keys of JWKS_URL. */
const PUBLIC_ALGORITHMS = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
];

export type VerifyToken = (token: string) => Promise<Claims>;

export interface Keys {
  /** The installation's own key in dev mode, else null. */
  readonly devKey: Uint8Array | null;
  /** The identity provider's public keys, where JWKS_URL names them, else null. */
  readonly keySet: JWTVerifyGetKey | null;
}

/**
 * @returns a function that throws ChatError UNAUTHENTICATED with what is wrong, never with the token itself; UNAVAILABLE
 * while the identity provider's keys cannot be had.
 */
export function tokenVerifier(auth: AuthConfig, { devKey, keySet }: Keys, clock: Clock): VerifyToken {
  const secret = auth.jwtSecret === null ? null : new TextEncoder().encode(auth.jwtSecret);
  const issued = {
    clockTolerance: TOLERANCE_SECONDS,
    ...(auth.issuer === null ? {} : { issuer: auth.issuer }),
    ...(auth.audience === null ? {} : { audience: auth.audience }),
  };
  /** Whose token it is, and how it is to be checked. */
  const kinds = {
    own: { algorithms: SECRET_ALGORITHMS, issuer: DEV_ISSUER, clockTolerance: 0 },
    secret: { ...issued, algorithms: SECRET_ALGORITHMS },
    published: { ...issued, algorithms: PUBLIC_ALGORITHMS },
  } as const;

  async function verified(token: string, now: number): Promise<Claims> {
    const { alg = '', kid } = decodeProtectedHeader(token);
    const rules = { requiredClaims: ['exp', 'sub', 'org'], currentDate: new Date(now) };
    if (devKey !== null && kid === DEV_ISSUER) {
      const { payload } = await jwtVerify(token, devKey, { ...rules, ...kinds.own });
      return claimsOf(payload, 0);
    }
    if (secret !== null && SECRET_ALGORITHMS.includes(alg)) {
      const { payload } = await jwtVerify(token, secret, { ...rules, ...kinds.secret });
      return claimsOf(payload, TOLERANCE_SECONDS);
    }
    if (keySet !== null && PUBLIC_ALGORITHMS.includes(alg)) {
      const { payload } = await verifyByAny(token, keySet, { ...rules, ...kinds.published });
      return claimsOf(payload, TOLERANCE_SECONDS);
    }
    throw unauthenticated('The token was not signed in a way that this server takes.');
  }

  return async (token) => {
    const now = clock.now();
    try {
      if (token.length > MAX_CHARACTERS) throw unauthenticated('The token is too long.');
      const claims = await verified(token, now);
      if (claims.acceptedUntil <= now) throw expired();
      return claims;
    } catch (error) {
      throw refusal(error);
    }
  };
}

/** A token need not name its key: of several that fit, as there are while a provider rotates them, each is tried. */
async function verifyByAny(token: string, keySet: JWTVerifyGetKey, options: JWTVerifyOptions) {
  try {
    return await jwtVerify(token, keySet, options);
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
    for await (const key of error) {
      try {
        return await jwtVerify(token, key, options);
      } catch (refusal) {
        if (!(refusal instanceof errors.JWSSignatureVerificationFailed)) throw refusal;
      }
    }
    throw error;
  }
}

function claimsOf(payload: JWTPayload, toleranceSeconds: number): Claims {
  const claims = claimsModel.safeParse(payload);
  if (!claims.success) {
    const names = [...new Set(claims.error.issues.map((issue) => issue.path[0]))].join(', ');
    throw unauthenticated(`The token's claims cannot be used: ${names}.`);
  }
  return { ...claims.data, acceptedUntil: claims.data.expiresAt + toleranceSeconds * 1_000 };
}

const expired = () => unauthenticated('The token has expired. Sign in again.');

function refusal(error: unknown): unknown {
  if (error instanceof ChatError) return error;
  if (error instanceof errors.JWTExpired) return expired();
  if (error instanceof errors.JWTClaimValidationFailed) {
    return unauthenticated(`The token is not for this server: claim "${error.claim}" is ${error.reason}.`);
  }
  // DOMException: the key that it names is published, and is none.
  if ([errors.JOSEError, TypeError, DOMException].some((known) => error instanceof known)) {
    return unauthenticated('The token is not a JWT that this server can verify.');
  }
  return error;
}
