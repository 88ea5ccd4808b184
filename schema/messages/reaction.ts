import { encodeId, reactionKey } from '../../resolvers/global-id.ts';
import { users, viewerHasReacted } from '../../resolvers/reaction/people.ts';
import { REACTORS_KEPT } from '../../src/chat/log/entries.ts';
import { about } from '../cost.ts';
import { ReactionRef, UserRef } from '../refs.ts';

ReactionRef.implement({
  description: 'All who reacted to a message with one emoji.',
  fields: (t) => ({
    id: t.id({
      description: 'Of message and emoji.',
      resolve: (reaction) => encodeId('Reaction', reactionKey(reaction)),
    }),
    emoji: t.exposeString('emoji'),
    count: t.int({ resolve: ({ summary }) => summary.count }),
    users: t.field({
      extensions: about(REACTORS_KEPT),
      type: [UserRef],
      description: 'The first few who reacted, in order.',
      args: { first: t.arg.int({ description: 'At most 200; 5 when left out.' }) },
      resolve: (reaction, args, context) => users(reaction, args, context),
    }),
    viewerHasReacted: t.boolean({
      resolve: (reaction, _args, context) => viewerHasReacted(reaction, context),
    }),
  }),
});
