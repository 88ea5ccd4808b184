/** What this server does among others: which requests it takes, where clients reach it, and how it leaves. */
import { z } from 'zod';
import { setting } from './setting.ts';

/** Clients are given it in public: no name, no password, and no fragment, which a WebSocket has none of. */
function isEdgeUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, hash } = new URL(text);
  return ['ws:', 'wss:'].includes(protocol) && username === '' && password === '' && hash === '';
}

/** A drain that takes longer is ended by whoever asked for it. */
const LONGEST_DRAIN = 3_600;

export const fleetModel = z.object({
  ROLE: setting(z.enum(['all', 'api', 'edge']).default('all'), {
    meaning: 'api: HTTP alone; edge: WebSockets alone; all: both',
    fallback: 'all',
    expected: '`all`, `api` or `edge`',
  }),
  EDGE_URL: setting(z.string().refine(isEdgeUrl).optional(), {
    meaning: 'address at which clients reach this server (or its balancer) for WebSockets',
    fallback: 'ws://HOST:PORT/graphql',
    expected: 'a ws:// or wss:// address without a name or password, such as wss://chat.example.com/graphql',
  }),
  DRAIN_SECONDS: setting(
    z
      .string()
      .refine((text) => /^\d{1,4}$/.test(text) && Number(text) <= LONGEST_DRAIN)
      .transform(Number)
      .optional(),
    {
      meaning:
        'how long a server that is told to end (SIGTERM) takes to close its WebSockets, one after the other',
      fallback: '10; in dev mode 0',
      expected: `a whole number from 0 to ${LONGEST_DRAIN}`,
    },
  ),
});
