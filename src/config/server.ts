/** Where the server listens and which web pages may call it. */
import { z } from 'zod';
import { setting } from './setting.ts';

const isOrigin = (text: string): boolean => URL.canParse(text) && new URL(text).origin === text;

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
      .transform((text) =>
        text
          .split(',')
          .map((origin) => origin.trim())
          .filter((origin) => origin !== ''),
      )
      .refine((origins) => origins.every(isOrigin))
      .optional(),
    {
      meaning: 'web origins whose pages may call the server, with commas between',
      fallback: 'none; in dev mode the loopback ones',
      expected:
        'origins such as https://chat.example.com, without a path or a slash at the end, with commas between',
    },
  ),
  NODE_ENV: setting(z.string().default('development'), {
    meaning: '`production`: introspection needs a token',
    fallback: 'none',
    expected: 'a word',
  }),
});
