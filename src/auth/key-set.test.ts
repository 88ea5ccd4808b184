import { createSecretKey } from 'node:crypto';
import { exportJWK, type JWK, SignJWT } from 'jose';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { silentLogger } from '../chat/logger.ts';
import type { AuthConfig } from '../config/config.ts';
import { type KeySetTimings, keySetTimings, remoteKeySet } from './key-set.ts';
import { type IdentityProvider, type Illness, startIdentityProvider } from './testing/identity-provider.ts';
import { tokenVerifier } from './verify.ts';

const SECRET = 'a secret of the tests, 32 bytes or so';
const MINUTE = 60_000;
const PATIENT = { timeout: 20_000 };
const claims = { sub: 'ada', org: 'acme', exp: Math.floor(Date.now() / 1_000) + 3_600 };

let provider: IdentityProvider;
let now: number;
beforeEach(async () => {
  now = 0;
  provider = await startIdentityProvider();
  await provider.rotate('one');
});
afterEach(() => provider.close());

function verifier(timings: Partial<KeySetTimings> = {}, auth: Partial<AuthConfig> = {}) {
  const keySet = remoteKeySet({
    url: provider.url,
    logger: silentLogger,
    timings: { ...keySetTimings, ...timings },
    now: () => now,
  });
  const all = {
    mode: 'jwt',
    jwtSecret: null,
    jwksUrl: provider.url,
    issuer: null,
    audience: null,
    ...auth,
  } as const;
  return tokenVerifier(all, { devKey: null, keySet }, { now: () => Date.now() });
}
const token = (kid = 'one') => provider.sign(kid, claims);
const unauthenticated = { name: 'ChatError', code: 'UNAUTHENTICATED' };
const unavailable = { name: 'ChatError', code: 'UNAVAILABLE' };

test('keys are fetched once, for all that come at once and after', async () => {
  const verify = verifier();
  const tokens = await Promise.all(Array.from({ length: 20 }, () => token()));
  expect(await Promise.all(tokens.map(verify))).toHaveLength(20);
  await expect(verify(await token())).resolves.toMatchObject({ subject: 'ada', organization: 'acme' });
  expect(provider.asked()).toBe(1);
});

test.each(['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA'])('%s is taken', async (alg) => {
  await provider.rotate('other', alg);
  await expect(verifier()(await token('other'))).resolves.toMatchObject({ subject: 'ada' });
});

test('a token that names no key is taken by any that fits, and by no other', async () => {
  const verify = verifier();
  await provider.rotate('two');
  for (const kid of ['one', 'two']) {
    const nameless = await provider.sign(kid, claims, {});
    await expect(verify(nameless)).resolves.toMatchObject({ subject: 'ada' });
  }
  const late = await provider.sign('two', { ...claims, exp: claims.exp - 4_000 }, {});
  await expect(verify(late)).rejects.toMatchObject({ message: expect.stringContaining('expired') });
  await provider.rotate('three');
  provider.keys.pop();
  await expect(verify(await provider.sign('three', claims, {}))).rejects.toMatchObject(unauthenticated);
});

test('a new key is found by its first token; one that was taken back is not taken any more', async () => {
  const verify = verifier();
  const old = await token();
  await verify(old);
  await provider.rotate('two');
  await expect(verify(await token('two'))).resolves.toMatchObject({ subject: 'ada' });
  expect(provider.asked()).toBe(2);
  provider.keys.shift();
  now += keySetTimings.freshMs;
  // In use while it is fetched anew.
  await verify(await token('one'));
  await vi.waitFor(async () => expect(provider.asked()).toBe(3), PATIENT);
  await vi.waitFor(
    async () => expect(verify(await token('one'))).rejects.toMatchObject(unauthenticated),
    PATIENT,
  );
  await expect(verify(await token('two'))).resolves.toMatchObject({ subject: 'ada' });
});

test('keys that nobody has are asked for a few times, then now and then, and harm nobody', async () => {
  const verify = verifier();
  await verify(await token());
  await provider.rotate('secret');
  provider.keys.pop();
  for (let i = 0; i < 20; i += 1) {
    await expect(verify(await token('secret'))).rejects.toMatchObject(unauthenticated);
    await expect(verify(await token())).resolves.toMatchObject({ subject: 'ada' });
  }
  expect(provider.asked()).toBe(keySetTimings.burst);
  now += keySetTimings.cooldownMs;
  for (let i = 0; i < 5; i += 1) {
    await expect(verify(await token('secret'))).rejects.toMatchObject(unauthenticated);
  }
  expect(provider.asked()).toBe(keySetTimings.burst + 1);
});

const illnesses: Record<string, Illness> = {
  'an error': (response) => response.writeHead(500).end('oops'),
  'no JSON': (response) => response.end('<html>'),
  'JSON of another kind': (response) => response.end('{"keys":"none"}'),
  'no keys': (response) => response.end('{"keys":[]}'),
  'keys of no kind': (response) => response.end('{"keys":[{"kty":"RSB"},{}]}'),
  'too many keys': (response) =>
    response.end(JSON.stringify({ keys: Array.from({ length: 101 }, () => ({ kty: 'EC' })) })),
  'more than can be read': (response, healthy) => response.end(healthy + ' '.repeat(300_000)),
  'a redirection': (response, healthy, { url }) =>
    url === '/elsewhere' ? response.end(healthy) : response.writeHead(302, { location: '/elsewhere' }).end(),
  'a broken connection': (response) => response.destroy(),
  'nothing at all': () => undefined,
};

describe.each(Object.entries(illnesses))('while the provider answers with %s', (_, illness) => {
  // A healthy answer has to come within it as well, on a busy machine too.
  const fetchMs = illness === illnesses['nothing at all'] ? 1_000 : keySetTimings.fetchMs;
  test('nobody new can be told good from bad, and is asked to try again; later it works', async () => {
    const verify = verifier({ fetchMs });
    provider.fallIll(illness);
    await expect(verify(await token())).rejects.toMatchObject(unavailable);
    provider.fallIll(null);
    await expect(verify(await token())).resolves.toMatchObject({ subject: 'ada' });
  });

  test('the keys there are stay in use for an hour, and nobody waits for more', async () => {
    const verify = verifier({ fetchMs });
    await verify(await token());
    provider.fallIll(illness);
    now += 30 * MINUTE;
    await expect(verify(await token())).resolves.toMatchObject({ subject: 'ada' });
    await provider.rotate('two');
    await expect(verify(await token('two'))).rejects.toMatchObject(unavailable);
    now += 30 * MINUTE;
    await expect(verify(await token())).rejects.toMatchObject(unavailable);
  });
});

test('while it is down it is asked now and then only', async () => {
  const verify = verifier();
  provider.fallIll((response) => response.destroy());
  for (let i = 0; i < 30; i += 1) await expect(verify(await token())).rejects.toMatchObject(unavailable);
  expect(provider.asked()).toBe(keySetTimings.burst);
});

test('a token by a new key is to be tried again while it cannot be looked up, however often that was tried', async () => {
  const verify = verifier();
  await verify(await token());
  await provider.rotate('two');
  provider.fallIll((response) => response.destroy());
  for (let i = 0; i < 20; i += 1) {
    await expect(verify(await token('two'))).rejects.toMatchObject(unavailable);
  }
  expect(provider.asked()).toBe(keySetTimings.burst);
  provider.fallIll(null);
  now += keySetTimings.cooldownMs;
  await expect(verify(await token('two'))).resolves.toMatchObject({ subject: 'ada' });
});

test.each(['EC', 'RSA', 'OKP'])(
  'a published %s key that is none refuses its own tokens alone',
  async (kty) => {
    const broken = {
      EC: { crv: 'P-256', x: 'AA', y: 'AA' },
      RSA: { n: 'AA', e: 'AA' },
      OKP: { crv: 'Ed25519', x: 'AA' },
    };
    const alg = { EC: 'ES256', RSA: 'RS256', OKP: 'EdDSA' }[kty];
    await provider.rotate('broken', alg);
    provider.keys.pop();
    provider.keys.push({ kty, kid: 'broken', alg, ...broken[kty as keyof typeof broken] } as JWK);
    const verify = verifier();
    await expect(verify(await token('broken'))).rejects.toMatchObject(unauthenticated);
    await expect(verify(await token())).resolves.toMatchObject({ subject: 'ada' });
  },
);

describe('kinds of keys are never mixed up', () => {
  test('a secret in the key set is no key', async () => {
    const secret = new TextEncoder().encode(SECRET);
    provider.keys.push({ ...(await exportJWK(createSecretKey(secret))), kid: 'shared', alg: 'HS256' });
    const forged = await new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: 'shared' }).sign(secret);
    await expect(verifier()(forged)).rejects.toMatchObject(unauthenticated);
    expect(provider.asked()).toBe(0);
  });

  test('a public key is no secret', async () => {
    const [published] = provider.keys;
    for (const text of [JSON.stringify(published), String(published?.x)]) {
      const bytes = new TextEncoder().encode(text);
      const forged = await new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: 'one' }).sign(bytes);
      await expect(verifier()(forged)).rejects.toMatchObject(unauthenticated);
      await expect(verifier({}, { jwtSecret: SECRET })(forged)).rejects.toMatchObject(unauthenticated);
    }
  });

  test('with a secret beside the keys, each token is checked with its own', async () => {
    const both = verifier({}, { jwtSecret: SECRET });
    const signed = (secret: string) =>
      new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(new TextEncoder().encode(secret));
    await expect(both(await signed(SECRET))).resolves.toMatchObject({ subject: 'ada' });
    await expect(both(await signed('another secret of the tests, 32 bytes'))).rejects.toMatchObject(
      unauthenticated,
    );
    expect(provider.asked()).toBe(0);
    await expect(both(await token())).resolves.toMatchObject({ subject: 'ada' });
  });

  test('issuer and audience count for the keys too', async () => {
    const verify = verifier({}, { issuer: 'https://id.example', audience: 'chat' });
    const right = { ...claims, iss: 'https://id.example', aud: ['mail', 'chat'] };
    await expect(verify(await provider.sign('one', right))).resolves.toMatchObject({ subject: 'ada' });
    for (const wrong of [{ iss: 'https://other' }, { aud: 'mail' }, { iss: undefined }, { aud: undefined }]) {
      await expect(verify(await provider.sign('one', { ...right, ...wrong }))).rejects.toMatchObject(
        unauthenticated,
      );
    }
  });

  test('a signature by another key of the same name is refused', async () => {
    const other = await startIdentityProvider();
    await other.rotate('one');
    await expect(verifier()(await other.sign('one', claims))).rejects.toMatchObject(unauthenticated);
    await other.close();
  });
});
