import { generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { expect, test } from 'vitest';
import { signDevToken, signWithSecret } from './sign.ts';
import { tokenVerifier } from './verify.ts';

const SECRET = 'a secret of the tests, 32 bytes or so';
const key = new TextEncoder().encode(SECRET);
const longKey = new TextEncoder().encode(SECRET.repeat(2));
const devKey = new Uint8Array(32).fill(7);
const now = Date.parse('2026-11-23T10:00:00Z');
const clock = { now: () => now };
const seconds = now / 1000;
const auth = {
  mode: 'jwt',
  jwtSecret: SECRET,
  jwksUrl: null,
  issuer: 'https://id.example',
  audience: 'chat',
} as const;
const none = { devKey: null, keySet: null };
const verify = tokenVerifier(auth, none, clock);

const claims = {
  sub: 'ada',
  org: 'acme',
  exp: seconds + 60,
  iss: 'https://id.example',
  aud: 'chat',
};
const sign = (payload: object, header: object = {}, secret: Uint8Array = key): Promise<string> =>
  new SignJWT({ ...payload }).setProtectedHeader({ alg: 'HS256', ...header }).sign(secret);
const without = (name: keyof typeof claims) =>
  Object.fromEntries(Object.entries(claims).filter(([claim]) => claim !== name));

test('the algorithm is pinned, however long the secret', async () => {
  const long = tokenVerifier({ ...auth, jwtSecret: SECRET.repeat(2) }, none, clock);
  await expect(long(await sign(claims, {}, longKey))).resolves.toMatchObject({ subject: 'ada' });
  const other = new SignJWT(claims).setProtectedHeader({ alg: 'HS512' }).sign(longKey);
  await expect(long(await other)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
});

test('a token that is right gives its claims', async () => {
  expect(
    await verify(await sign({ ...claims, handle: 'ada', name: 'Ada Lovelace', roles: ['admin'] })),
  ).toEqual({
    subject: 'ada',
    organization: 'acme',
    handle: 'ada',
    name: 'Ada Lovelace',
    isAdmin: true,
    expiresAt: now + 60_000,
    acceptedUntil: now + 90_000,
  });
});

test('what only describes the person is taken as far as it can be used', async () => {
  const token = await sign({
    ...claims,
    sub: 'Ada.L@example.com',
    handle: 7,
    name: '\u0000',
    roles: 'admin',
  });
  expect(await verify(token)).toMatchObject({ handle: 'ada.l', name: 'ada.l', isAdmin: false });
  const odd = await sign({ ...claims, sub: '(●)', name: `A\n${'b'.repeat(200)}` });
  expect(await verify(odd)).toMatchObject({ handle: 'person', name: `A ${'b'.repeat(78)}` });
});

test('clocks may differ by 30 s, in exp and in nbf', async () => {
  await expect(verify(await sign({ ...claims, exp: seconds - 29 }))).resolves.toMatchObject({
    expiresAt: now - 29_000,
    acceptedUntil: now + 1_000,
  });
  await expect(verify(await sign({ ...claims, exp: seconds - 30 }))).rejects.toThrow('expired');
  await expect(verify(await sign({ ...claims, nbf: seconds + 30 }))).resolves.toMatchObject({
    subject: 'ada',
  });
  await expect(verify(await sign({ ...claims, nbf: seconds + 31 }))).rejects.toThrow('nbf');
});

test("this server's own tokens end to the moment: their clock is this one", async () => {
  const dev = tokenVerifier({ ...auth, mode: 'dev' }, { devKey, keySet: null }, clock);
  const bearer = { organization: 'demo', subject: 'u-1', handle: 'grace' };
  const until = async (ms: number) =>
    dev((await signDevToken(devKey, bearer, now - 10_000, 10_000 + ms)).token);
  await expect(until(1_000)).resolves.toMatchObject({ expiresAt: now + 1_000, acceptedUntil: now + 1_000 });
  await expect(until(0)).rejects.toThrow('expired');
});

const { privateKey } = await generateKeyPair('RS256');
const wrong: Record<string, string> = {
  'no JWT at all': 'hello',
  'three parts of nothing': '..',
  'parts that are no JSON': 'a.b.c',
  'an emoji': '🙂',
  'another secret': await sign(claims, {}, new TextEncoder().encode('another secret of the tests, 32 bytes')),
  'no signature': new UnsecuredJWT(claims).encode(),
  'another algorithm': await new SignJWT(claims).setProtectedHeader({ alg: 'HS512' }).sign(longKey),
  'a key pair': await new SignJWT(claims).setProtectedHeader({ alg: 'RS256' }).sign(privateKey),
  'no exp': await sign(without('exp')),
  'exp that is text': await sign({ ...claims, exp: '2030-01-01' }),
  'exp beyond all dates': await sign({ ...claims, exp: 1e300 }),
  'no sub': await sign(without('sub')),
  'an empty sub': await sign({ ...claims, sub: '' }),
  'a sub with a zero byte': await sign({ ...claims, sub: 'a\u0000b' }),
  'a sub with half a character': await sign({ ...claims, sub: 'a\ud83d' }),
  'a sub without end': await sign({ ...claims, sub: 'a'.repeat(201) }),
  'no org': await sign(without('org')),
  'an org that is no slug': await sign({ ...claims, org: '../acme' }),
  'an org that is a list': await sign({ ...claims, org: ['acme'] }),
  'another issuer': await sign({ ...claims, iss: 'https://other' }),
  'no issuer': await sign(without('iss')),
  'another audience': await sign({ ...claims, aud: 'mail' }),
  'no audience': await sign(without('aud')),
  'too long': await sign({ ...claims, more: 'x'.repeat(9_000) }),
  "the dev key's, outside dev mode": (
    await signDevToken(devKey, { organization: 'acme', subject: 'ada', handle: 'ada' }, now)
  ).token,
};
for (const [name, token] of Object.entries(wrong)) {
  test(`refused: ${name}`, async () => {
    const error = await verify(token).catch((e: unknown) => e);
    expect(error).toMatchObject({ name: 'ChatError', code: 'UNAUTHENTICATED' });
    expect(String(error)).not.toContain(token);
  });
}

test('dev mode takes its own tokens, and with JWT_SECRET set also those', async () => {
  const bearer = { organization: 'demo', subject: 'u-1', handle: 'grace' };
  const both = tokenVerifier({ ...auth, mode: 'dev' }, { devKey, keySet: null }, clock);
  const own = await signDevToken(devKey, bearer, now);
  expect(await both(own.token)).toMatchObject({ subject: 'u-1', organization: 'demo', handle: 'grace' });
  expect(Date.parse(own.expiresAt)).toBeGreaterThan(now);
  expect(await both((await signWithSecret(auth, SECRET, bearer, now, 60_000)).token)).toMatchObject({
    subject: 'u-1',
    expiresAt: now + 60_000,
  });
  // Saying that it is the dev key's does not make it so.
  await expect(
    both(await sign({ ...claims, iss: 'backscroll-dev' }, { kid: 'backscroll-dev' })),
  ).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
});
