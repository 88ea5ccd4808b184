import { builder } from '../builder.ts';

export const UpdateProfileInput = builder.inputType('UpdateProfileInput', {
  fields: (t) => ({ name: t.string(), avatarUrl: t.string() }),
});
