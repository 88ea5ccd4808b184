import { builder } from '../builder.ts';

export const RenewSessionInput = builder.inputType('RenewSessionInput', {
  fields: (t) => ({
    token: t.string({ required: true }),
    connectionId: t.id({
      description: 'Of the connection to renew (Ready.connectionId), when this is sent over HTTP.',
    }),
  }),
});
