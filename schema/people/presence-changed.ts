import { changedUser } from '../../resolvers/subscription/presence.ts';
import type { PresenceChange } from '../../src/chat/presence/port.ts';
import { builder } from '../builder.ts';
import { UserRef } from '../refs.ts';
import { Presence } from './presence.ts';

export const PresenceChanged = builder.objectRef<PresenceChange>('PresenceChanged').implement({
  fields: (t) => ({
    user: t.field({ type: UserRef, resolve: (change, _args, context) => changedUser(change, context) }),
    presence: t.expose('presence', { type: Presence }),
  }),
});
