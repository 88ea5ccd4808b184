import type { Endpoint } from '../../src/chat/endpoints/port.ts';
import { builder } from '../builder.ts';

export const ConnectionEndpoint = builder.objectRef<Endpoint>('ConnectionEndpoint').implement({
  fields: (t) => ({
    url: t.exposeString('url', {
      description: 'wss:// address; its query string names the organization, never a token.',
    }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime' }),
  }),
});
