/** An identity provider of the tests: publishes keys at an address of its own, signs with them, and may be ill. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';

/** @param healthy what it would have answered. */
export type Illness = (response: ServerResponse, healthy: string, request: IncomingMessage) => void;

export interface IdentityProvider {
  readonly url: string;
  /** How often its keys were asked for. */
  asked(): number;
  /** What it publishes; changed at will. */
  readonly keys: JWK[];
  /** Makes a key and publishes it. */
  rotate(kid: string, alg?: string): Promise<void>;
  /** A token by the key of this name, published or not. @param header what it says of itself; the name when left out. */
  sign(kid: string, claims: Readonly<Record<string, unknown>>, header?: object): Promise<string>;
  /** It answers so from now on; null: with its keys. */
  fallIll(illness: Illness | null): void;
  close(): Promise<void>;
}

export async function startIdentityProvider(): Promise<IdentityProvider> {
  const keys: JWK[] = [];
  const made = new Map<string, { readonly alg: string; readonly key: CryptoKey }>();
  let asked = 0;
  let ill: Illness | null = null;
  const server = createServer((request, response) => {
    asked += 1;
    const healthy = JSON.stringify({ keys });
    if (ill !== null) ill(response, healthy, request);
    else response.setHeader('content-type', 'application/json').end(healthy);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return {
    url: `http://127.0.0.1:${address.port}/jwks.json`,
    asked: () => asked,
    keys,
    async rotate(kid, alg = 'ES256') {
      const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
      made.set(kid, { alg, key: privateKey });
      keys.push({ ...(await exportJWK(publicKey)), kid, use: 'sig' });
    },
    async sign(kid, claims, header = { kid }) {
      const found = made.get(kid);
      if (found === undefined) throw new Error(`no key ${kid} was made`);
      return new SignJWT({ ...claims }).setProtectedHeader({ alg: found.alg, ...header }).sign(found.key);
    },
    fallIll: (illness) => {
      ill = illness;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
