import type { User } from '../../src/chat/people/port.ts';
import { builder } from '../builder.ts';
import { UserRef } from '../refs.ts';

export const UserPayload = builder.objectRef<{ readonly user: User }>('UserPayload').implement({
  fields: (t) => ({ user: t.field({ type: UserRef, resolve: ({ user }) => user }) }),
});
