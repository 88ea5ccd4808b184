/** Who may sign in, and with whose tokens. */
import { z } from 'zod';
import { setting, urlOf } from './setting.ts';

export const authModel = z.object({
  AUTH_MODE: setting(z.enum(['dev', 'jwt']).optional(), {
    meaning: 'dev: whoever is on this machine signs in as anybody; jwt: with tokens',
    fallback: 'dev while no service is configured, else jwt',
    expected: 'dev or jwt',
  }),
  JWT_SECRET: setting(
    z
      .string()
      .refine((text) => Buffer.byteLength(text) >= 32)
      .optional(),
    {
      meaning: 'secret that tokens are signed with (HS256), 32 bytes or more',
      fallback: 'none; for jwt this or JWKS_URL',
      expected: '32 bytes or more, `openssl rand -base64 32` makes one',
      isSecret: true,
    },
  ),
  JWKS_URL: setting(urlOf(['https:', 'http:']), {
    meaning: "address of the identity provider's public keys (JWKS), which tokens are signed with",
    fallback: 'none; for jwt this or JWT_SECRET',
    expected: 'an address such as https://id.example.com/.well-known/jwks.json',
  }),
  JWT_ISSUER: setting(z.string().optional(), {
    meaning: 'the `iss` that tokens must have',
    fallback: 'none: any',
    expected: 'text',
  }),
  JWT_AUDIENCE: setting(z.string().optional(), {
    meaning: 'the `aud` that tokens must have',
    fallback: 'none: any',
    expected: 'text',
  }),
});
