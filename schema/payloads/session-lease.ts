import { builder } from '../builder.ts';

export const SessionLease = builder.objectRef<{ readonly expiresAt: Date }>('SessionLease').implement({
  fields: (t) => ({ expiresAt: t.expose('expiresAt', { type: 'DateTime' }) }),
});
