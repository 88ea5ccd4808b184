import { MentionRef, UserRef } from '../refs.ts';
import { MentionKind } from './mention-kind.ts';

MentionRef.implement({
  description: 'Where the text names someone. The person is kept, so a later change of handle does no harm.',
  fields: (t) => ({
    kind: t.expose('kind', { type: MentionKind }),
    user: t.field({
      type: UserRef,
      nullable: true,
      resolve: ({ userId }, _args, { loaders }) => (userId === undefined ? null : loaders.users.load(userId)),
    }),
    start: t.exposeInt('start', { description: 'Offset and length in the text, in UTF-16 code units.' }),
    length: t.exposeInt('length'),
  }),
});
