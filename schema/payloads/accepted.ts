import type { Accepted as Outcome } from '../../resolvers/mutation/start-typing.ts';
import { builder } from '../builder.ts';

export const Accepted = builder.objectRef<Outcome>('Accepted').implement({
  fields: (t) => ({
    accepted: t.exposeBoolean('accepted', {
      description: 'Passed on. False when it was dropped: too many at once, or the bus is down.',
    }),
  }),
});
