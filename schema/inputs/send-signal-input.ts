import { builder } from '../builder.ts';

export const SendSignalInput = builder.inputType('SendSignalInput', {
  fields: (t) => ({
    channelId: t.id({ required: true }),
    name: t.string({ required: true, description: '1 to 64 UTF-16 code units.' }),
    payload: t.field({ type: 'JSONObject', description: 'At most 4 KiB as JSON.' }),
    key: t.string({
      description: 'Under load only the newest signal of a sender with the same key is delivered.',
    }),
    retain: t.boolean({
      description: 'Keep the newest one for people who come later, for an hour at most.',
    }),
  }),
});
