/** Where the server listens and which web pages may call it. */
import { isIP } from 'node:net';
import { z } from 'zod';
import { setting } from './setting.ts';

const listed = (text: string): readonly string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

/** `10.0.0.0/8`, or one address. */
function isNetwork(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const family = isIP(address);
  if (family === 0 || more.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}

/** How apps that show pages of their own call themselves: browsers know no origin of these schemes. */
const APP = /^[a-z][a-z0-9+.-]*:\/\/[a-z0-9.-]+$/;

/** A pattern is none: it would look as if it allowed something. */
function isOrigin(text: string): boolean {
  if (text.includes('*') || !URL.canParse(text)) return false;
  const { origin } = new URL(text);
  return origin === text || (origin === 'null' && APP.test(text));
}

export const serverModel = z.object({
  HOST: setting(z.string().default('127.0.0.1'), {
    meaning: 'address to listen on',
    fallback: '127.0.0.1',
    expected: 'an address or host name of this machine',
  }),
  PORT: setting(
    z
      .string()
      .default('4000')
      .refine((text) => /^\d{1,5}$/.test(text) && Number(text) <= 65_535)
      .transform(Number),
    {
      meaning: 'port for HTTP and WebSocket; 0 takes a free one',
      fallback: '4000',
      expected: 'a whole number from 0 to 65535',
    },
  ),
  CORS_ORIGINS: setting(
    z
      .string()
      .transform(listed)
      .refine((origins) => origins.every(isOrigin))
      .optional(),
    {
      meaning: 'web origins whose pages may call the server, with commas between',
      fallback: 'none; in dev mode the loopback ones',
      expected:
        'origins such as https://chat.example.com or capacitor://localhost, without a path or a slash at the end, with commas between',
    },
  ),
  TRUSTED_PROXIES: setting(
    z
      .string()
      .transform(listed)
      .refine((networks) => networks.every(isNetwork))
      .optional(),
    {
      meaning: 'proxies whose X-Forwarded-For is believed: addresses and networks, with commas between',
      fallback: 'none',
      expected: 'addresses or networks such as 10.0.0.0/8, with commas between',
    },
  ),
  NODE_ENV: setting(z.string().default('development'), {
    meaning: '`production`: introspection needs a token',
    fallback: 'none',
    expected: 'a word',
  }),
});
