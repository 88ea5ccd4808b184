import { builder } from '../builder.ts';
import { Presence } from '../people/presence.ts';

export const SetPresenceInput = builder.inputType('SetPresenceInput', {
  fields: (t) => ({ presence: t.field({ type: Presence, required: true }) }),
});
